import { tarMalformed, tarUnsupported } from './errors.ts'

/** Records of a pax header by key (POSIX.1-2001); an empty value takes back what a global header said. */
export type PaxRecords = ReadonlyMap<string, string>

/** Texts that later become C strings: a NUL would cut them, and hide what a scanner sees from what an extractor does. */
const textKeys = new Set(['path', 'linkpath', 'uname', 'gname'])

/** Parses the body of a pax header: lines of `length key=value\n`. */
export function readPax(body: Buffer): PaxRecords {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const end = at + lengthAt(body, at)
    const record = body.subarray(body.indexOf(0x20, at) + 1, end - 1)
    const equals = record.indexOf(0x3d)
    const key = record.toString('utf8', 0, Math.max(equals, 0))
    const value = record.toString('utf8', equals + 1)
    checkRecord(key, value)
    records.set(key, value)
    at = end
  }
  return records
}

function lengthAt(body: Buffer, at: number): number {
  const [digits, length] = /^(\d{1,9}) /.exec(body.toString('latin1', at, at + 10)) ?? []
  const end = at + Number(length)
  const fits = digits !== undefined && end <= body.length && Number(length) > digits.length && body[end - 1] === 0x0a
  if (!fits) throw tarMalformed(`A pax record at byte ${at} of its header has a wrong length.`)
  return Number(length)
}

function checkRecord(key: string, value: string): void {
  if (key === '' || key.includes('\0')) throw tarMalformed('A pax record has no key.')
  if (textKeys.has(key) && value.includes('\0')) throw tarMalformed(`The pax record ${key} contains a NUL character.`)
  if (key.startsWith('GNU.sparse.')) throw tarUnsupported('The tar archive contains a sparse file.', { hint: 'Make it without --sparse.' })
}
