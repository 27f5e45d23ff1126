import { randomBytes, scryptSync } from 'node:crypto'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { cost, labels, mostMemory, sizes } from './derive.ts'

const [, label] = labels

/** Closes a PKCS#8 key (DER) with a password, as a PEM that cosign reads. */
export function sealKey(pkcs8: Uint8Array, password: string): string {
  const [salt, nonce] = [randomBytes(sizes.salt), randomBytes(sizes.nonce)]
  const key = scryptSync(password, salt, sizes.key, { ...cost, maxmem: mostMemory })
  const ciphertext = Buffer.from(xsalsa20poly1305(key, nonce).encrypt(pkcs8))
  key.fill(0)
  const body = {
    kdf: { name: 'scrypt', params: cost, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: ciphertext.toString('base64'),
  }
  const lines =
    Buffer.from(JSON.stringify(body))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
