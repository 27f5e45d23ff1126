import type { Cataloguer, Told } from './cataloguer.ts'
import { auditableSection, cargoAuditable } from './languages/cargo-auditable.ts'
import { GoInfoSearch, goPackages } from './languages/go-binary.ts'

const smallest = 4096
/** ELF, PE, Mach-O of 32 and 64 bits in both byte orders, and several of them in one file. */
const magics = new Set([0x7f454c46, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe])

/** Programs that say what they were built from. They are searched as they come by: no program is held in memory. */
export const binaries: Cataloguer = {
  wants: ({ size }) => size >= smallest,
  read: async (_, body) => {
    let search: GoInfoSearch | undefined
    const rust = new TextSearch(auditableSection)
    for await (const piece of body) {
      if (search === undefined && !isProgram(piece)) return nothing
      search ??= new GoInfoSearch()
      search.add(piece)
      if (search.isComplete) break
      rust.add(piece)
    }
    const told = toldBy(search)
    return told === nothing && rust.isFound ? { packages: [], again: cargoAuditable } : told
  },
}

const nothing: Told = { packages: [] }

function toldBy(search: GoInfoSearch | undefined): Told {
  const found = search?.result()
  if (found === undefined) return nothing
  return found === 'unreadable'
    ? { packages: [], unscannable: 'it is a Go program built before Go 1.18, whose build information is not read here' }
    : { packages: goPackages(found) }
}

function isProgram(piece: Buffer): boolean {
  if (piece.length < 4) return false
  return magics.has(piece.readUInt32BE(0)) || piece.readUInt16BE(0) === 0x4d5a
}

/** Whether a text of ASCII is in a file that comes piece by piece. */
class TextSearch {
  readonly #text: Buffer
  #end = Buffer.alloc(0)
  isFound = false

  constructor(text: string) {
    this.#text = Buffer.from(text)
  }

  add(piece: Buffer): void {
    if (this.isFound) return
    const rest = this.#text.length - 1
    const seam = Buffer.concat([this.#end, piece.subarray(0, rest)])
    this.isFound = piece.includes(this.#text) || seam.includes(this.#text)
    // Copied: the memory of a piece is used again.
    this.#end = Buffer.from(piece.length >= rest ? piece.subarray(piece.length - rest) : seam.subarray(-rest))
  }
}
