import type { Draft } from '../cataloguer.ts'

/** What the linker of Go leaves in a program (debug/buildinfo). */
export interface GoInfo {
  /** `go1.24.3`. */
  readonly goVersion: string
  /** Lines of `path`, `mod`, `dep`, `=>` and `build`, fields separated by tabs; empty for a program built without modules. */
  readonly modules: string
}

const magic = Buffer.from('\xff Go buildinf:', 'latin1')
const header = 32
/** In bytes of a string; the largest programs have some hundred modules, of 100 bytes each. */
const longest = 4 * 2 ** 20

/**
 * Finds the build information in a program that comes piece by piece. The magic also stands in programs that look for it
 * themselves: only what is aligned and can be read counts.
 */
export class GoInfoSearch {
  /** Where {@link #kept} begins in the file. */
  #start = 0
  #kept: Buffer = Buffer.alloc(0)
  #found: GoInfo | undefined
  #isOld = false

  add(piece: Buffer): void {
    // Where nothing is open, only the seam is put together: pieces are large, and most programs are of other makers.
    const rest = magic.length - 1
    const seam = Buffer.concat([this.#kept, piece.subarray(0, rest)])
    if (this.#kept.length > rest || seam.includes(magic) || piece.includes(magic)) this.#search(Buffer.concat([this.#kept, piece]))
    else this.#keep(piece.length > rest ? piece : seam, this.#start + this.#kept.length + piece.length)
  }

  /** What the magic may begin in; copied, as the memory of a piece is used again. */
  #keep(bytes: Buffer, end: number): void {
    this.#kept = Buffer.from(bytes.subarray(Math.max(0, bytes.length - magic.length + 1)))
    this.#start = end - this.#kept.length
  }

  #search(bytes: Buffer): void {
    let from = 0
    let at = bytes.indexOf(magic)
    for (; at >= 0 && !this.isComplete; at = bytes.indexOf(magic, from)) {
      const result = (this.#start + at) % 16 === 0 ? readInfo(bytes.subarray(at)) : 'none'
      if (result === 'more') break
      if (result === 'old') this.#isOld = true
      else if (result !== 'none') this.#found = result
      from = at + 1
    }
    // What is not decided yet stays; else only what the magic may begin in.
    const dropped = at >= 0 ? at : Math.max(from, bytes.length - magic.length + 1)
    this.#kept = bytes.subarray(dropped)
    this.#start += dropped
  }

  get isComplete(): boolean {
    return this.#found !== undefined
  }

  /** Undefined for a program that is not of Go, `unreadable` for one whose information lies where it cannot be followed to. */
  result(): GoInfo | 'unreadable' | undefined {
    return this.#found ?? (this.#isOld ? 'unreadable' : undefined)
  }
}

/** From the magic on: 14 bytes of it, the size of a pointer, flags of which bit 1 says that two strings follow the header. */
function readInfo(bytes: Buffer): GoInfo | 'none' | 'more' | 'old' {
  if (bytes.length < header) return 'more'
  const [pointer, flags] = [bytes.readUInt8(14), bytes.readUInt8(15)]
  if ((flags & 2) === 0) return [4, 8].includes(pointer) && flags <= 1 && bytes.readUInt8(16) !== 0 ? 'old' : 'none'
  const version = readString(bytes, header)
  if (typeof version === 'string') return version
  const goVersion = version.text.toString('utf8')
  if (!/^(?:go\d|devel )/.test(goVersion)) return 'none'
  const modules = readString(bytes, version.end)
  if (typeof modules === 'string') return modules
  // Sixteen bytes before and behind mark the text for others who look for it.
  const text = modules.text.length >= 33 ? modules.text.subarray(16, -16).toString('utf8') : ''
  return { goVersion, modules: text }
}

/** A length as a varint, then so many bytes. */
function readString(bytes: Buffer, start: number): { readonly text: Buffer; readonly end: number } | 'none' | 'more' {
  let length = 0
  for (let place = 0; place < 5; place += 1) {
    const byte = bytes[start + place]
    if (byte === undefined) return 'more'
    length += (byte & 0x7f) * 2 ** (7 * place)
    if ((byte & 0x80) !== 0) continue
    const from = start + place + 1
    if (length > longest) return 'none'
    return from + length > bytes.length ? 'more' : { text: bytes.subarray(from, from + length), end: from + length }
  }
  return 'none'
}

/** The modules of a program, those that replace others in their place, and the standard library at the version of Go. */
export function goPackages({ goVersion, modules }: GoInfo): readonly Draft[] {
  const found: Draft[] = []
  for (const line of modules.split('\n')) {
    const [word, path = '', version = ''] = line.split('\t')
    if (word === '=>' && path !== '') found.splice(-1, 1, ...replaced(found.at(-1), path, version))
    else if ((word === 'mod' || word === 'dep') && path !== '') found.push(moduleOf(path, version))
  }
  const released = /^go(\d+\.\d+\S*)/.exec(goVersion)?.[1]
  return [...found, ...(released === undefined ? [] : [draft({ name: 'stdlib', version: released })])]
}

/** A folder in place of a module is that module still, changed by nobody knows what. */
function replaced(module: Draft | undefined, path: string, version: string): readonly Draft[] {
  if (!/^[./]/.test(path)) return [moduleOf(path, version)]
  return module === undefined ? [] : [{ ...module, version: '' }]
}

/** A module by its path. One of a folder beside, and a program built from one, have no version: what it is cannot be told. */
export function moduleOf(path: string, version: string): Draft {
  const slash = path.lastIndexOf('/')
  return draft({
    ...(slash < 0 ? {} : { namespace: path.slice(0, slash) }),
    name: path.slice(slash + 1),
    version: version === '(devel)' ? '' : version,
  })
}

function draft(parts: { readonly namespace?: string; readonly name: string; readonly version: string }): Draft {
  return { type: 'golang', ...parts, licenses: [] }
}
