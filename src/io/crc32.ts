const polynomial = 0xedb88320
/** x⁰ and x¹ of GF(2)[x] modulo the polynomial, bits reflected as in the checksum. */
const one = 0x80000000
const x = 0x40000000

/** The CRC-32 of two texts in a row, from that of each and the length of the second in bytes. */
export function joinCrc32(first: number, second: number, size: number): number {
  return (multiply(power(size * 8), first) ^ second) >>> 0
}

/** x to a power. */
function power(exponent: number): number {
  let result = one
  for (let square = x, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(square, result)
    square = multiply(square, square)
  }
  return result
}

function multiply(left: number, right: number): number {
  let product = 0
  let factor = right
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) product ^= factor
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial
  }
  return product >>> 0
}
