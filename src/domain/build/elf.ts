import { binaryBroken } from './errors.ts'

/** What of an ELF file decides where it runs and what it loads. */
export interface ElfFile {
  /** 32 or 64. */
  readonly bits: number
  /** OCI's name of the processor: `amd64`, `arm64`; undefined for one that we do not know. */
  readonly architecture: string | undefined
  /** The program that loads it, absolute; undefined when it needs none. */
  readonly interpreter: string | undefined
  /** Names of the shared libraries that it asks for. */
  readonly needed: readonly string[]
  /** Folders to search, `$ORIGIN` not yet replaced. */
  readonly rpath: readonly string[]
  readonly runpath: readonly string[]
}

/** Reads a piece of a file; shorter at its end. Offset and length in bytes. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>

const architectures: Readonly<Record<number, string>> = { 3: '386', 40: 'arm', 62: 'amd64', 183: 'arm64', 243: 'riscv64', 258: 'loong64' }
const limits = { headers: 512, dynamic: 2 ** 20, needed: 512, text: 4096 } as const
const segment = { load: 1, dynamic: 2, interpreter: 3 } as const
const tag = { needed: 1, strings: 5, rpath: 15, runpath: 29 } as const

/** Reads an ELF file's headers and dynamic section (System V ABI, chapters 4 and 5); undefined when it is no ELF file. */
export async function readElf(read: ReadAt, name: string): Promise<ElfFile | undefined> {
  const header = await read(0, 64)
  if (header.length < 52 || header.readUInt32BE(0) !== 0x7f454c46) return undefined
  const file = new Numbers(header, name)
  const segments = await segmentsOf(read, file)
  const found = segments.find(({ type }) => type === segment.interpreter)
  const dynamic = await dynamicOf(read, file, segments)
  return {
    bits: file.wide ? 64 : 32,
    architecture: architectureOf(file),
    interpreter: found === undefined ? undefined : textAt(await read(found.offset, Math.min(found.size, limits.text)), file),
    ...dynamic,
  }
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** The numbers of one ELF file: their width and byte order are in its first bytes. */
class Numbers {
  readonly wide: boolean
  readonly name: string
  readonly #little: boolean
  readonly #header: Buffer

  constructor(header: Buffer, name: string) {
    this.wide = header[4] === 2
    this.#little = header[5] === 1
    this.#header = header
    this.name = name
  }

  half(offset: number, bytes = this.#header): number {
    return this.#little ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset)
  }

  word(offset: number, bytes = this.#header): number {
    return this.#little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset)
  }

  /** An address, offset or size: as wide as the file is. */
  long(offset: number, bytes = this.#header): number {
    if (!this.wide) return this.word(offset, bytes)
    return Number(this.#little ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset))
  }

  little(): boolean {
    return this.#little
  }
}

function architectureOf(file: Numbers): string | undefined {
  const machine = file.half(18)
  if (machine === 21) return file.little() ? 'ppc64le' : 'ppc64'
  if (machine === 22) return file.wide ? 's390x' : undefined
  return architectures[machine]
}

async function segmentsOf(read: ReadAt, file: Numbers): Promise<readonly Segment[]> {
  const [start, size, count] = file.wide ? [file.long(32), file.half(54), file.half(56)] : [file.long(28), file.half(42), file.half(44)]
  if (count > limits.headers || (count > 0 && size < (file.wide ? 56 : 32))) throw broken(file, 'its program headers make no sense')
  const table = await read(start, count * size)
  if (table.length < count * size) throw broken(file, 'it ends before its program headers do')
  return Array.from({ length: count }, (_, index) => segmentAt(file, table.subarray(index * size)))
}

function segmentAt(file: Numbers, bytes: Buffer): Segment {
  const type = file.word(0, bytes)
  return file.wide
    ? { type, offset: file.long(8, bytes), address: file.long(16, bytes), size: file.long(32, bytes) }
    : { type, offset: file.long(4, bytes), address: file.long(8, bytes), size: file.long(16, bytes) }
}

async function dynamicOf(
  read: ReadAt,
  file: Numbers,
  segments: readonly Segment[],
): Promise<Pick<ElfFile, 'needed' | 'rpath' | 'runpath'>> {
  const section = segments.find(({ type }) => type === segment.dynamic)
  if (section === undefined) return { needed: [], rpath: [], runpath: [] }
  if (section.size > limits.dynamic) throw broken(file, 'its dynamic section is too large')
  const entries = entriesOf(file, await read(section.offset, section.size))
  const strings = entries.find(([name]) => name === tag.strings)?.[1]
  if (strings === undefined) return { needed: [], rpath: [], runpath: [] }
  const start = offsetOf(file, segments, strings)
  const textsOf = async (name: number): Promise<readonly string[]> => {
    const found = entries.filter(([candidate]) => candidate === name).slice(0, limits.needed)
    return Promise.all(found.map(async ([, offset]) => textAt(await read(start + offset, limits.text), file)))
  }
  const pathsOf = async (name: number): Promise<readonly string[]> =>
    (await textsOf(name)).flatMap((text) => text.split(':')).filter(Boolean)
  return { needed: await textsOf(tag.needed), rpath: await pathsOf(tag.rpath), runpath: await pathsOf(tag.runpath) }
}

function entriesOf(file: Numbers, bytes: Buffer): readonly (readonly [number, number])[] {
  const width = file.wide ? 8 : 4
  const count = Math.floor(bytes.length / (2 * width))
  return Array.from(
    { length: count },
    (_, index) => [file.long(index * 2 * width, bytes), file.long((index * 2 + 1) * width, bytes)] as const,
  )
}

/** The dynamic section speaks of addresses in memory: the segment that is loaded there tells the place in the file. */
function offsetOf(file: Numbers, segments: readonly Segment[], address: number): number {
  const holder = segments.find(({ type, address: start, size }) => type === segment.load && start <= address && address < start + size)
  if (holder === undefined) throw broken(file, 'its dynamic section points outside of it')
  return holder.offset + address - holder.address
}

function textAt(bytes: Buffer, file: Numbers): string {
  const end = bytes.indexOf(0)
  if (end < 0) throw broken(file, 'a name in it has no end')
  return bytes.toString('utf8', 0, end)
}

function broken(file: Numbers, why: string): Error {
  return binaryBroken(`${file.name} is an ELF file, but ${why}.`)
}
