// Deflate (RFC 1951) at one level, for pieces of a stream: the same bytes on every machine and under every version of Node.
import { align, place, writeTo } from './bits'
import { beginBlock, writeBlock, writeStored } from './block'
import { codeOfDistance, codeOfLength, dataCounts, distanceCounts, firstPlace, lastPlace, matches, mostMatches, seen } from './places'
import { fillTables, longestMatch, window } from './tables'

const hashBits: u32 = 15
/** Added to a position, so that no position is 0 and none is in the window of another that was never seen. */
const bias: u32 = window + 1

/** In bytes, of what one block holds. */
const blockSize: u32 = 49152
const shortestMatch: u32 = 4
/** Bytes at the end that no match begins in: what is read ahead of one stays inside. */
const margin: u32 = 12

/** Where the memory that is the caller's begins; 0 when the program's own variables overlap. */
export function firstFree(): usize {
  return __heap_base <= firstPlace ? lastPlace : 0
}

/**
 * Deflates `size` bytes at `base + before` into `to`, looking back on the `before` bytes in front of them, and ends on a byte
 * with an empty stored block. The bytes written, at most size + size / 4096 + 64.
 */
export function deflate(base: usize, before: u32, size: u32, to: usize): usize {
  fillTables()
  memory.fill(seen, 0, 32768 * 4)
  writeTo(to)
  const end = before + size
  for (let at: u32 = 0; at + 8 <= before; at += 2) store<u32>(slot(load<u32>(base + at)), at + bias)
  for (let at = before; at < end; ) at = deflateBlock(base, at, end)
  writeStored(base, 0)
  align()
  return place() - to
}

function slot(bytes: u32): usize {
  return seen + (((bytes * 0x9e3779b1) >> (32 - hashBits)) << 2)
}

/** One block from `begin`; where it ends. */
function deflateBlock(base: usize, begin: u32, whole: u32): u32 {
  let end = whole - begin > blockSize + blockSize / 2 ? begin + blockSize : whole
  const last = min<u32>(end, whole > margin ? whole - margin : 0)
  beginBlock()
  let at = begin
  let anchor = begin
  let noted: u32 = 0
  while (at < last) {
    const bytes = load<u32>(base + at)
    const entry = slot(bytes)
    const distance = at + bias - load<u32>(entry)
    store<u32>(entry, at + bias)
    if (distance > window || load<u32>(base + at - distance) !== bytes) {
      at += 1 + ((at - anchor) >> 6)
      continue
    }
    const length = matchLength(base + at, base + at - distance, min<u32>(end - at, longestMatch))
    if (length < shortestMatch) break
    store<u32>(matches + (noted << 3), at - anchor)
    store<u32>(matches + (noted << 3), length | (distance << 9), 4)
    count(dataCounts + ((<u32>load<u8>(codeOfLength + length) + 257) << 2))
    count(distanceCounts + ((<u32>load<u8>(codeOfDistance + distance)) << 2))
    store<u32>(slot(load<u32>(base + at + 1)), at + 1 + bias)
    at += length
    store<u32>(slot(load<u32>(base + at - 2)), at - 2 + bias)
    anchor = at
    if (++noted === mostMatches) {
      end = at
      break
    }
  }
  writeBlock(base + begin, end - begin, noted, end - anchor)
  return end
}

function count(place: usize): void {
  store<u32>(place, load<u32>(place) + 1)
}

/** Four bytes are known to be equal. What is read beyond `longest` does not count. */
function matchLength(one: usize, other: usize, longest: u32): u32 {
  let length: u32 = 4
  while (length < longest) {
    const difference = load<u64>(one + length) ^ load<u64>(other + length)
    if (difference !== 0) {
      length += <u32>(ctz(difference) >> 3)
      break
    }
    length += 8
  }
  return min<u32>(length, longest)
}
