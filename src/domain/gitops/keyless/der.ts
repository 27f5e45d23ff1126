/** Values in DER (X.690), as far as a signature needs them. */

/** A value of a tag that is given: `0x30` of a sequence. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)

/** In the order that DER has for sets: by their bytes. */
export function setOf(...parts: readonly Buffer[]): Buffer {
  return der(0x31, ...parts.toSorted(Buffer.compare))
}

export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)

/** A number below 128. */
export const small = (value: number): Buffer => der(0x02, Buffer.from([value]))

/** `1.2.840.113549.1.7.2` */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** Milliseconds since 1970 as a UTCTime: for the years 1950 to 2049. */
export function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x17, Buffer.from(digits.slice(2)))
}

function base128(value: number): number[] {
  const septets = [value & 0x7f]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) septets.unshift((rest & 0x7f) | 0x80)
  return septets
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}
