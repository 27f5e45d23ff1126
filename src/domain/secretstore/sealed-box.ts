/**
 * Seals a message for the holder of an X25519 key, as libsodium's `crypto_box_seal`: a key of one use, then XSalsa20-Poly1305 under
 * what both keys agree on. Throws when the key is no point that may be agreed with.
 */
export async function sealBox(message: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> {
  const [{ x25519 }, { hsalsa, xsalsa20poly1305 }, { blake2b }] = await Promise.all([
    import('@noble/curves/ed25519.js'),
    import('@noble/ciphers/salsa.js'),
    import('@noble/hashes/blake2.js'),
  ])
  const once = x25519.keygen()
  const nonce = blake2b(Buffer.concat([once.publicKey, recipient]), { dkLen: 24 })
  const key = new Uint32Array(8)
  hsalsa(sigma, wordsOf(x25519.getSharedSecret(once.secretKey, recipient)), new Uint32Array(4), key)
  const sealed = xsalsa20poly1305(bytesOf(key), nonce).encrypt(message)
  return Buffer.concat([once.publicKey, sealed])
}

/** `expand 32-byte k` */
const sigma = new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])

/** Salsa reads little-endian words, whatever the machine has. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, place) => view.getUint32(place * 4, true))
}

function bytesOf(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [place, word] of words.entries()) view.setUint32(place * 4, word, true)
  return bytes
}
