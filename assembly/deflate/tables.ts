// RFC 1951 §3.2.5: how lengths and distances are written.
import { codeOfDistance, codeOfLength } from './places'

/** The shortest length of each of the 29 length codes, 257 first. */
export const lengthBase: usize = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
])

export const lengthExtraBits: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
])

/** The shortest distance of each of the 30 distance codes. */
export const distanceBase: usize = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
  24577,
])

export const distanceExtraBits: usize = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
])

/** §3.2.7: in which order the lengths of the codes for code lengths are written. */
export const codeLengthOrder: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])

export const longestMatch: u32 = 258
export const window: u32 = 32768

let isFilled = false

/** Fills the two long tables: the code of each length, less 257, and of each distance. */
export function fillTables(): void {
  if (isFilled) return
  isFilled = true
  for (let code: u32 = 0; code < 29; code++) {
    const end: u32 = code === 28 ? longestMatch + 1 : code === 27 ? longestMatch : load<u16>(lengthBase + ((code + 1) << 1))
    for (let length: u32 = load<u16>(lengthBase + (code << 1)); length < end; length++) store<u8>(codeOfLength + length, <u8>code)
  }
  for (let code: u32 = 0; code < 30; code++) {
    const end: u32 = code === 29 ? window + 1 : load<u16>(distanceBase + ((code + 1) << 1))
    for (let distance: u32 = load<u16>(distanceBase + (code << 1)); distance < end; distance++)
      store<u8>(codeOfDistance + distance, <u8>code)
  }
}
