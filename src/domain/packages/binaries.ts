import type { Cataloguer, Told } from './cataloguer.ts'
import { GoInfoSearch, goPackages } from './languages/go-binary.ts'

const smallest = 4096
/** ELF, PE, Mach-O of 32 and 64 bits in both byte orders, and several of them in one file. */
const magics = new Set([0x7f454c46, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe])

/** Programs that say what they were built from. They are searched as they come by: no program is held in memory. */
export const binaries: Cataloguer = {
  wants: ({ size }) => size >= smallest,
  read: async (_, body) => {
    let search: GoInfoSearch | undefined
    for await (const piece of body) {
      if (search === undefined && !isProgram(piece)) return nothing
      search ??= new GoInfoSearch()
      search.add(piece)
      if (search.isComplete) break
    }
    return told(search)
  },
}

const nothing: Told = { packages: [] }

function told(search: GoInfoSearch | undefined): Told {
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
