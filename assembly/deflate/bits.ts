// Bits, the lowest first, into memory (RFC 1951 §3.1.1).

let bits: u64 = 0
let count: u64 = 0
let at: usize = 0

export function writeTo(place: usize): void {
  bits = 0
  count = 0
  at = place
}

/** Up to 57 bits before the next {@link flush}. */
export function put(value: u64, size: u64): void {
  bits |= value << count
  count += size
}

/** Writes the whole bytes; up to eight bytes of memory behind them are overwritten. */
export function flush(): void {
  store<u64>(at, bits)
  at += <usize>(count >> 3)
  bits >>= count & 56
  count &= 7
}

/** Ends on a byte, the bits that lack being zero. */
export function align(): void {
  flush()
  if (count > 0) at++
  bits = 0
  count = 0
}

export function copyBytes(from: usize, size: u32): void {
  memory.copy(at, from, size)
  at += size
}

/** Where the next byte will be, after {@link align}. */
export function place(): usize {
  return at
}

/** For a loop that keeps bits in its own variables: what is pending, and taking it back. */
export function pendingBits(): u64 {
  return bits
}

export function pendingCount(): u64 {
  return count
}

export function resume(place: usize, pending: u64, size: u64): void {
  at = place
  bits = pending
  count = size
}
