import type { Work } from '../piece-threads.ts'

/** The program, pages of memory for it, and where in that the input goes and the output comes, in bytes. */
export interface Deflater {
  readonly program: WebAssembly.Module
  readonly pages: number
  readonly input: number
  readonly output: number
}

/** What deflates, in a memory of its own. Its text is what a thread is given: it uses nothing from outside of itself. */
export function deflater({ program, pages, input, output }: Deflater): (work: Work) => number {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { deflate } = new WebAssembly.Instance(program, { env: { memory } }).exports
  if (typeof deflate !== 'function') throw new Error('the program has no deflate')
  const bytes = new Uint8Array(memory.buffer)
  return ({ piece, before, into }) => {
    bytes.set(before, input)
    bytes.set(piece, input + before.length)
    const size = Number(deflate(input, before.length, piece.length, output))
    into.set(bytes.subarray(output, output + size))
    return size
  }
}
