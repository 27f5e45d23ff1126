import { createECDH, type KeyObject } from 'node:crypto'

/** Orders of the base points (SP 800-186 §3.2.1), and the names that OpenSSL has for the curves. */
const curves: Readonly<Record<string, { readonly openssl: string; readonly order: bigint }>> = {
  'P-256': { openssl: 'prime256v1', order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
  'P-384': {
    openssl: 'secp384r1',
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  'P-521': {
    openssl: 'secp521r1',
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
}

/**
 * ECDSA over a digest, r and s in a row (FIPS 186-5 §6.4.1): node:crypto signs only what it has hashed itself, key services are handed
 * the digest. Not constant in time: for tests alone.
 */
export function ecdsaOverDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const { crv = '', d = '' } = privateKey.export({ format: 'jwk' })
  const { openssl = '', order = 1n } = curves[crv] ?? {}
  const bits = order.toString(2).length
  const size = Math.ceil(bits / 8)
  const z = numberOf(digest) >> BigInt(Math.max(0, digest.length * 8 - bits))
  const once = createECDH(openssl)
  const point = once.generateKeys()
  const r = numberOf(point.subarray(1, 1 + size)) % order
  const s = (inverse(numberOf(once.getPrivateKey()), order) * (z + r * numberOf(Buffer.from(d, 'base64url')))) % order
  return Buffer.from([r, s].map((number) => number.toString(16).padStart(size * 2, '0')).join(''), 'hex')
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [previous, rest, before, after] = [modulus, number % modulus, 0n, 1n]
  while (rest > 0n) {
    const quotient = previous / rest
    ;[previous, rest, before, after] = [rest, previous - quotient * rest, after, before - quotient * after]
  }
  return ((before % modulus) + modulus) % modulus
}
