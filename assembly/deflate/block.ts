// A block of matches and literals, written in the shorter of two ways (RFC 1951 §3.2.4, §3.2.7).
import { align, copyBytes, flush, pendingBits, pendingCount, place, put, resume } from './bits'
import { assignCodes, codeLengths } from './huffman'
import {
  allLengths,
  codeOfDistance,
  codeOfLength,
  dataCodes,
  dataCounts,
  dataLengths,
  distanceCodes,
  distanceCounts,
  distanceLengths,
  itemCodes,
  itemCounts,
  itemLengths,
  items,
  lengthCodes,
  matches,
  repeats,
} from './places'
import { codeLengthOrder, distanceBase, distanceExtraBits, lengthBase, lengthExtraBits, longestMatch } from './tables'

const symbolsOfData: u32 = 286
const symbolsOfDistance: u32 = 30
const endOfBlock: u32 = 256

/** With four literals of this length and 7 bits pending, 64 bits are enough. */
const longestDataCode: u32 = 14
const longestDistanceCode: u32 = 15

/** Clears what is counted of a block. */
export function beginBlock(): void {
  memory.fill(dataCounts, 0, symbolsOfData * 4)
  memory.fill(distanceCounts, 0, symbolsOfDistance * 4)
}

/**
 * Writes `size` bytes from `from` as the matches noted, with `rest` literals behind the last. Of a match: how many literals come before
 * it, then its length, its distance from bit 9 on.
 */
export function writeBlock(from: usize, size: u32, noted: u32, rest: u32): void {
  countLiterals(from, noted, rest)
  store<u32>(dataCounts + endOfBlock * 4, 1)
  codeLengths(dataCounts, dataLengths, symbolsOfData, longestDataCode)
  codeLengths(distanceCounts, distanceLengths, symbolsOfDistance, longestDistanceCode)
  const header = describeCodes()
  if (header + bodyBits() >= storedBits(size)) {
    writeStored(from, size)
    return
  }
  assignCodes(dataLengths, dataCodes, symbolsOfData)
  assignCodes(distanceLengths, distanceCodes, symbolsOfDistance)
  writeHeader()
  joinLengths()
  writeBody(from, noted, rest)
  const end = load<u32>(dataCodes + endOfBlock * 4)
  put(end & 0xffff, end >> 16)
  flush()
}

function countLiterals(from: usize, noted: u32, rest: u32): void {
  let at = from
  for (let index: u32 = 0; index <= noted; index++) {
    const literals = index < noted ? load<u32>(matches + (index << 3)) : rest
    for (const end = at + literals; at < end; at++) {
      const count = dataCounts + ((<u32>load<u8>(at)) << 2)
      store<u32>(count, load<u32>(count) + 1)
    }
    if (index < noted) at += load<u32>(matches + (index << 3), 4) & 511
  }
}

function bodyBits(): u64 {
  let bits: u64 = 0
  for (let symbol: u32 = 0; symbol < symbolsOfData; symbol++) {
    const extra: u32 = symbol > endOfBlock ? load<u8>(lengthExtraBits + symbol - 257) : 0
    bits += <u64>load<u32>(dataCounts + (symbol << 2)) * (<u64>load<u8>(dataLengths + symbol) + extra)
  }
  for (let symbol: u32 = 0; symbol < symbolsOfDistance; symbol++)
    bits +=
      <u64>load<u32>(distanceCounts + (symbol << 2)) * (<u64>load<u8>(distanceLengths + symbol) + <u64>load<u8>(distanceExtraBits + symbol))
  return bits
}

const longestStored: u32 = 65535

function storedBits(size: u32): u64 {
  return 8 * (<u64>size + 5 * (size / longestStored + 1))
}

/** §3.2.4; of no bytes it is what ends a piece on a byte. */
export function writeStored(from: usize, size: u32): void {
  let at = from
  let left = size
  do {
    const some = min<u32>(left, longestStored)
    put(0, 3)
    align()
    put(some | (~some << 16), 32)
    flush()
    copyBytes(at, some)
    at += some
    left -= some
  } while (left > 0)
}

// The lengths of both codes, in runs: 16 repeats the last, 17 and 18 are zeros.
let usedData: u32 = 0
let usedDistance: u32 = 0
let usedItems: u32 = 0
let itemsNoted: u32 = 0

/** Prepares the header; its size in bits. */
function describeCodes(): u64 {
  usedData = symbolsOfData
  while (usedData > 257 && load<u8>(dataLengths + usedData - 1) === 0) usedData--
  usedDistance = symbolsOfDistance
  while (usedDistance > 1 && load<u8>(distanceLengths + usedDistance - 1) === 0) usedDistance--
  memory.copy(allLengths, dataLengths, usedData)
  memory.copy(allLengths + usedData, distanceLengths, usedDistance)
  memory.fill(itemCounts, 0, 19 * 4)
  itemsNoted = 0
  const end = usedData + usedDistance
  for (let index: u32 = 0; index < end; ) {
    const length: u32 = load<u8>(allLengths + index)
    let run: u32 = 1
    while (index + run < end && <u32>load<u8>(allLengths + index + run) === length) run++
    noteRun(length, run)
    index += run
  }
  codeLengths(itemCounts, itemLengths, 19, 7)
  usedItems = 19
  while (usedItems > 4 && load<u8>(itemLengths + load<u8>(codeLengthOrder + usedItems - 1)) === 0) usedItems--
  let bits: u64 = 3 + 14 + 3 * usedItems
  for (let item: u32 = 0; item < 19; item++)
    bits += <u64>load<u32>(itemCounts + (item << 2)) * (<u64>load<u8>(itemLengths + item) + repeatBits(item))
  return bits
}

function noteRun(length: u32, run: u32): void {
  let left = run
  if (length === 0) {
    for (; left >= 11; left -= min<u32>(left, 138)) noteItem(18, min<u32>(left, 138) - 11)
    if (left >= 3) {
      noteItem(17, left - 3)
      left = 0
    }
  } else {
    noteItem(length, 0)
    for (left--; left >= 3; left -= min<u32>(left, 6)) noteItem(16, min<u32>(left, 6) - 3)
  }
  for (; left > 0; left--) noteItem(length, 0)
}

function noteItem(item: u32, repeat: u32): void {
  store<u8>(items + itemsNoted, <u8>item)
  store<u8>(repeats + itemsNoted, <u8>repeat)
  itemsNoted++
  store<u32>(itemCounts + (item << 2), load<u32>(itemCounts + (item << 2)) + 1)
}

function repeatBits(item: u32): u32 {
  return item < 16 ? 0 : item === 16 ? 2 : item === 17 ? 3 : 7
}

function writeHeader(): void {
  assignCodes(itemLengths, itemCodes, 19)
  put(4, 3)
  put(usedData - 257, 5)
  put(usedDistance - 1, 5)
  put(usedItems - 4, 4)
  flush()
  for (let index: u32 = 0; index < usedItems; index++) {
    put(load<u8>(itemLengths + load<u8>(codeLengthOrder + index)), 3)
    flush()
  }
  for (let index: u32 = 0; index < itemsNoted; index++) {
    const item: u32 = load<u8>(items + index)
    const code = load<u32>(itemCodes + (item << 2))
    put(code & 0xffff, code >> 16)
    put(load<u8>(repeats + index), repeatBits(item))
    flush()
  }
}

/** For each length eight bytes: its code with the extra bits behind, then how many bits that is. */
function joinLengths(): void {
  for (let length: u32 = 3; length <= longestMatch; length++) {
    const symbol: u32 = load<u8>(codeOfLength + length)
    const code = load<u32>(dataCodes + ((symbol + 257) << 2))
    const size = code >> 16
    store<u32>(lengthCodes + (length << 3), (code & 0xffff) | ((length - load<u16>(lengthBase + (symbol << 1))) << size))
    store<u32>(lengthCodes + (length << 3), size + load<u8>(lengthExtraBits + symbol), 4)
  }
}

/** The bits are in variables of its own: this is where most of the time goes. */
function writeBody(from: usize, noted: u32, rest: u32): void {
  let bits = pendingBits()
  let count = pendingCount()
  let to = place()
  let at = from
  for (let index: u32 = 0; index <= noted; index++) {
    let literals = index < noted ? load<u32>(matches + (index << 3)) : rest
    for (; literals >= 4; literals -= 4) {
      const first = load<u32>(dataCodes + ((<u32>load<u8>(at)) << 2))
      const second = load<u32>(dataCodes + ((<u32>load<u8>(at, 1)) << 2))
      const third = load<u32>(dataCodes + ((<u32>load<u8>(at, 2)) << 2))
      const fourth = load<u32>(dataCodes + ((<u32>load<u8>(at, 3)) << 2))
      bits |= (<u64>(first & 0xffff)) << count
      count += first >> 16
      bits |= (<u64>(second & 0xffff)) << count
      count += second >> 16
      bits |= (<u64>(third & 0xffff)) << count
      count += third >> 16
      bits |= (<u64>(fourth & 0xffff)) << count
      count += fourth >> 16
      at += 4
      store<u64>(to, bits)
      to += <usize>(count >> 3)
      bits >>= count & 56
      count &= 7
    }
    for (; literals > 0; literals--) {
      const code = load<u32>(dataCodes + ((<u32>load<u8>(at++)) << 2))
      bits |= (<u64>(code & 0xffff)) << count
      count += code >> 16
    }
    store<u64>(to, bits)
    to += <usize>(count >> 3)
    bits >>= count & 56
    count &= 7
    if (index === noted) break
    const match = load<u32>(matches + (index << 3), 4)
    const length = match & 511
    const distance = match >> 9
    bits |= (<u64>load<u32>(lengthCodes + (length << 3))) << count
    count += load<u32>(lengthCodes + (length << 3), 4)
    const symbol: u32 = load<u8>(codeOfDistance + distance)
    const code = load<u32>(distanceCodes + (symbol << 2))
    bits |= (<u64>(code & 0xffff)) << count
    count += code >> 16
    bits |= (<u64>(distance - load<u16>(distanceBase + (symbol << 1)))) << count
    count += load<u8>(distanceExtraBits + symbol)
    at += length
    store<u64>(to, bits)
    to += <usize>(count >> 3)
    bits >>= count & 56
    count &= 7
  }
  resume(to, bits, count)
}
