import { tarMalformed } from './errors.ts'

/** A number field: octal digits, or GNU's base-256 when the first bit is set (big endian, two's complement). */
export function readNumber(field: Buffer, name: string): number {
  const first = field[0] ?? 0
  if ((first & 0x80) !== 0) return readBinary(field, name)
  const text = field.toString('latin1').replace(/^[ \0]+|[ \0]+$/g, '')
  if (text === '') return 0
  // A NUL ends the digits; what stands behind it is left over from an earlier use of the buffer.
  const [, digits] = /^([0-7]+)(?:[ \0]|$)/.exec(text) ?? []
  if (digits === undefined) throw tarMalformed(`A tar header has ${name} ${JSON.stringify(text)}, expected octal digits.`)
  return safe(BigInt(`0o${digits}`), name)
}

/** A number in a pax record: decimal, maybe with a fraction, which is dropped. */
export function readDecimal(text: string, name: string): number {
  if (!/^-?\d{1,20}(?:\.\d*)?$/.test(text))
    throw tarMalformed(`A pax record has ${name}=${JSON.stringify(text.slice(0, 40))}, expected a number.`)
  return safe(BigInt(text.split('.')[0] ?? '0'), name)
}

function readBinary(field: Buffer, name: string): number {
  const bits = BigInt(field.length * 8 - 1)
  const value = BigInt(`0x${field.toString('hex')}`) - (1n << bits)
  return safe(BigInt.asIntN(Number(bits), value), name)
}

function safe(value: bigint, name: string): number {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
    throw tarMalformed(`A tar header has ${name} ${value}, more than can be true.`)
  return Number(value)
}
