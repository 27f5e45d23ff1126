import { buffer } from 'node:stream/consumers'
import type { Told } from '../cataloguer.ts'

/** Knows one kind of file that says which versions a project uses. */
export interface LockFile {
  wants(path: string): boolean
  /** Throws whatever it meets: the file is then `unscannable`. */
  read(path: string, body: AsyncIterable<Buffer>): Promise<Told>
}

/** In bytes. Those of the largest known monorepos have some 10 MB; hostile ones take up to 100 times as much memory. */
const largest = 32 * 2 ** 20

/** A lock file known by its name, as text in UTF-8 of at most `limit` bytes. */
export function lockFile(name: string | RegExp, parse: (text: string, path: string) => Told, limit = largest): LockFile {
  return {
    wants: (path) => {
      const own = path.slice(path.lastIndexOf('/') + 1)
      return typeof name === 'string' ? own === name : name.test(own)
    },
    read: async (path, body) => parse(new TextDecoder().decode(await buffer(limited(body, limit))), path),
  }
}

async function* limited(body: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > limit) throw new Error(`it has more than ${limit} bytes, the most that is read`)
    yield piece
  }
}
