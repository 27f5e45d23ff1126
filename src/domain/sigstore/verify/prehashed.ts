import type { KeyObject } from 'node:crypto'
import { publicKeyOf } from '../keys/public-key.ts'
import type { Prehashed } from './evidence.ts'
import { Refused } from './reasons.ts'

/**
 * A file of which only the SHA-256 is known. A key of P-256 signs that digest and nothing else of the file; keys of other kinds hash in
 * another way, so that only the file itself can tell. Throws {@link Refused} for those.
 */
export async function prehashedBy(digest: Buffer): Promise<Prehashed> {
  const { p256 } = await import('@noble/curves/nist.js')
  return {
    digest,
    isSignedBy: (key, signature) => {
      const { algorithm } = publicKeyOf(key, 'the signer’s key')
      if (algorithm !== 'ecdsa-p256-sha256') throw new Refused('unreadable', { expected: 'the file itself', got: `a key of ${algorithm}` })
      try {
        return p256.verify(signature, digest, pointOf(key), { prehash: false, lowS: false, format: 'der' })
      } catch {
        // What is no signature at all is not this key's.
        return false
      }
    },
  }
}

/** SEC 1, §2.3.3: an uncompressed point, the last 65 bytes of the SubjectPublicKeyInfo of such a key. */
function pointOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-65)
}
