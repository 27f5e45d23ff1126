import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A header as rpm writes it: texts, lists of texts and numbers by tag. */
export function rpmHeader(fields: Readonly<Record<number, string | readonly string[] | number>>): Buffer {
  const entries: Buffer[] = []
  const data: Buffer[] = []
  let offset = 0
  for (const [tag, value] of Object.entries(fields)) {
    const type = typeof value === 'number' ? 4 : typeof value === 'string' ? 6 : 8
    const bytes =
      typeof value === 'number'
        ? Buffer.alloc(4)
        : Buffer.from(
            [value]
              .flat()
              .map((one) => `${one}\0`)
              .join(''),
          )
    if (typeof value === 'number') bytes.writeUInt32BE(value)
    const entry = Buffer.alloc(16)
    for (const [place, number] of [Number(tag), type, offset, Array.isArray(value) ? value.length : 1].entries())
      entry.writeUInt32BE(number, place * 4)
    entries.push(entry)
    data.push(bytes)
    offset += bytes.length
  }
  const lead = Buffer.alloc(8)
  lead.writeUInt32BE(entries.length)
  lead.writeUInt32BE(offset, 4)
  return Buffer.concat([lead, ...entries, ...data])
}

/** The database of rpm in SQLite with these headers; `folder` is to work in. */
export function sqliteDatabase(folder: string, headers: readonly Buffer[]): Buffer {
  const path = join(mkdtempSync(join(folder, 'rpm-')), 'rpmdb.sqlite')
  const made = new DatabaseSync(path)
  made.exec('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)')
  for (const one of headers) made.prepare('INSERT INTO Packages (blob) VALUES (?)').run(one)
  made.close()
  return readFileSync(path)
}

/** The database of rpm in ndb with these headers: a page of slots, the second of which is free, then the blobs in blocks of 16 bytes. */
export function ndbDatabase(headers: readonly Buffer[]): Buffer {
  const page = Buffer.alloc(4096)
  page.write('RpmP')
  page.writeUInt32LE(1, 8)
  page.writeUInt32LE(1, 12)
  page.writeUInt32LE(headers.length + 1, 16)
  for (let at = 32; at < page.length; at += 16) page.write('Slot', at)
  let block = page.length / 16
  const blobs = headers.map((header, index) => {
    const size = Math.ceil((16 + header.length + 12) / 16) * 16
    const blob = Buffer.alloc(size)
    blob.write('BlbS')
    blob.writeUInt32LE(index + 1, 4)
    blob.writeUInt32LE(1, 8)
    blob.writeUInt32LE(header.length, 12)
    header.copy(blob, 16)
    blob.writeUInt32LE(header.length, size - 8)
    blob.write('BlbE', size - 4)
    const slot = 32 + 16 * (index === 0 ? 0 : index + 1)
    page.writeUInt32LE(index + 1, slot + 4)
    page.writeUInt32LE(block, slot + 8)
    page.writeUInt32LE(size / 16, slot + 12)
    block += size / 16
    return blob
  })
  return Buffer.concat([page, ...blobs])
}
