const headerSize = 32
const pageSize = 4096
const slotSize = 16
const blockSize = 16
const magics = { database: 'RpmP', slot: 'Slot', blob: 'BlbS' } as const
const mostPages = 65_536

/**
 * The headers of all packages in rpm's own database format, `Packages.db` of SUSE (rpm, lib/backend/ndb/rpmpkg.c): pages of slots, each
 * of which says in which blocks of 16 bytes a package lies. Throws on a file that makes no sense.
 */
export function ndbBlobs(database: Buffer): readonly Buffer[] {
  if (database.length < pageSize || !isAt(database, 0, magics.database)) throw new Error('the database of rpm does not begin as ndb does')
  const [version, pages] = [database.readUInt32LE(4), database.readUInt32LE(12)]
  if (version !== 0) throw new Error(`the database of rpm is ndb of version ${version}, expected 0`)
  if (pages > mostPages || pages * pageSize > database.length) throw new Error('the database of rpm is cut')
  const blobs: Buffer[] = []
  const seen = new Set<number>()
  for (let at = headerSize; at < pages * pageSize; at += slotSize) {
    if (!isAt(database, at, magics.slot)) throw new Error('the database of rpm has a slot that is none')
    const [index, block] = [database.readUInt32LE(at + 4), database.readUInt32LE(at + 8)]
    // A free slot has no package.
    if (index === 0 || block === 0) continue
    if (seen.has(block)) throw new Error('the database of rpm has two slots for one package')
    seen.add(block)
    blobs.push(blobAt(database, block * blockSize, index))
  }
  return blobs
}

/** Head of 16 bytes: magic, number of the package, generation, length; then the header of the package. */
function blobAt(database: Buffer, at: number, index: number): Buffer {
  if (at + 16 > database.length || !isAt(database, at, magics.blob) || database.readUInt32LE(at + 4) !== index)
    throw new Error('the database of rpm has no package where a slot says')
  const length = database.readUInt32LE(at + 12)
  if (at + 16 + length > database.length) throw new Error('the database of rpm is cut within a package')
  return database.subarray(at + 16, at + 16 + length)
}

function isAt(database: Buffer, at: number, magic: string): boolean {
  return database.toString('latin1', at, at + 4) === magic
}
