/** Numbers below 2^32 of xorshift32: small, and the same on every machine. */
export type Random = () => number

/** Another seed gives other numbers. */
export function generator(seed: number): Random {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
