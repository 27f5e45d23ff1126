// Prefix codes of bounded length from frequencies (RFC 1951 §3.2.2).

import { depthCounts as counts, nextCode, nodes, symbols } from './places'

/** Writes the code length of each symbol, one byte each, at most `limit`; 0 for one that does not occur. At least two symbols get a code. */
export function codeLengths(frequencies: usize, lengths: usize, size: u32, limit: u32): void {
  const used = collect(frequencies, lengths, size)
  if (used < 2) {
    const only: u32 = used === 0 ? 0 : load<u32>(nodes) & 511
    store<u8>(lengths + only, 1)
    store<u8>(lengths + (only === 0 ? 1 : 0), 1)
    return
  }
  sort(used)
  for (let index: u32 = 0; index < used; index++) {
    const node = nodes + (index << 2)
    store<u32>(symbols + (index << 2), load<u32>(node) & 511)
    store<u32>(node, load<u32>(node) >> 9)
  }
  buildTree(<i32>used)
  countDepths(<i32>used)
  shorten(limit)
  let next = used
  for (let length: u32 = 1; length <= limit; length++)
    for (let count = load<u32>(counts + (length << 2)); count > 0; count--)
      store<u8>(lengths + load<u32>(symbols + (--next << 2)), <u8>length)
}

/** Frequency above, symbol below: equal frequencies are in the order of their symbols. A block's are below 2^23. */
function collect(frequencies: usize, lengths: usize, size: u32): u32 {
  let used: u32 = 0
  for (let symbol: u32 = 0; symbol < size; symbol++) {
    store<u8>(lengths + symbol, 0)
    const frequency = load<u32>(frequencies + (symbol << 2))
    if (frequency !== 0) store<u32>(nodes + (used++ << 2), (frequency << 9) | symbol)
  }
  return used
}

function sort(size: u32): void {
  for (let gap = size >> 1; gap > 0; gap = gap === 2 ? 1 : (gap * 5) / 11)
    for (let from = gap; from < size; from++) {
      const key = load<u32>(nodes + (from << 2))
      let to = from
      for (; to >= gap && load<u32>(nodes + ((to - gap) << 2)) > key; to -= gap)
        store<u32>(nodes + (to << 2), load<u32>(nodes + ((to - gap) << 2)))
      store<u32>(nodes + (to << 2), key)
    }
}

function node(index: i32): u32 {
  return load<u32>(nodes + (index << 2))
}

function setNode(index: i32, value: u32): void {
  store<u32>(nodes + (index << 2), value)
}

/** Moffat and Katajainen, In-Place Calculation of Minimum-Redundancy Codes (1995): afterwards inner nodes hold their depth. */
function buildTree(size: i32): void {
  let root = 0
  let leaf = 0
  for (let next = 0; next < size - 1; next++) {
    let weight: u32 = 0
    for (let child = 0; child < 2; child++) {
      if (leaf >= size || (root < next && node(root) < node(leaf))) {
        weight += node(root)
        setNode(root++, next)
      } else weight += node(leaf++)
    }
    setNode(next, weight)
  }
  setNode(size - 2, 0)
  for (let next = size - 3; next >= 0; next--) setNode(next, node(<i32>node(next)) + 1)
}

/** How many leaves are at each depth. */
function countDepths(size: i32): void {
  memory.fill(counts, 0, 64 * 4)
  let root = size - 2
  let open: u32 = 1
  for (let depth: u32 = 0; open > 0; depth++) {
    let inner: u32 = 0
    for (; root >= 0 && node(root) === depth; root--) inner++
    store<u32>(counts + (min<u32>(depth, 63) << 2), load<u32>(counts + (min<u32>(depth, 63) << 2)) + open - inner)
    open = 2 * inner
  }
}

/** Moves what is too deep up to the limit, and leaves down until the code is complete again. */
function shorten(limit: u32): void {
  let deep: u32 = 0
  for (let depth: u32 = limit; depth < 64; depth++) {
    deep += load<u32>(counts + (depth << 2))
    store<u32>(counts + (depth << 2), 0)
  }
  store<u32>(counts + (limit << 2), deep)
  let taken: u32 = 0
  for (let depth: u32 = 1; depth <= limit; depth++) taken += load<u32>(counts + (depth << 2)) << (limit - depth)
  for (; taken > (<u32>1) << limit; taken--) {
    store<u32>(counts + (limit << 2), load<u32>(counts + (limit << 2)) - 1)
    for (let depth = limit - 1; depth > 0; depth--) {
      const count = load<u32>(counts + (depth << 2))
      if (count === 0) continue
      store<u32>(counts + (depth << 2), count - 1)
      store<u32>(counts + ((depth + 1) << 2), load<u32>(counts + ((depth + 1) << 2)) + 2)
      break
    }
  }
}

/** The code of each symbol with its bits reversed, as they are written, four bytes each: code below, length from bit 16. */
export function assignCodes(lengths: usize, codes: usize, size: u32): void {
  memory.fill(counts, 0, 64)
  for (let symbol: u32 = 0; symbol < size; symbol++) {
    const at = counts + ((<u32>load<u8>(lengths + symbol)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  store<u32>(counts, 0)
  let first: u32 = 0
  for (let length: u32 = 1; length < 16; length++) {
    first = (first + load<u32>(counts + ((length - 1) << 2))) << 1
    store<u32>(nextCode + (length << 2), first)
  }
  for (let symbol: u32 = 0; symbol < size; symbol++) {
    const length: u32 = load<u8>(lengths + symbol)
    const at = nextCode + (length << 2)
    const code = load<u32>(at)
    store<u32>(at, code + 1)
    store<u32>(codes + (symbol << 2), length === 0 ? 0 : reversed(code, length) | (length << 16))
  }
}

function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0
  for (let bit: u32 = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit)
  return result
}
