import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { isEncryptedKey, openEncryptedKey } from './encrypted-key.ts'
import { keyInvalid } from './errors.ts'
import { hashOf, type PublicKey, publicKeyOf, type SignatureForm } from './public-key.ts'

/** A key to sign with, in hand or in a key service. */
export interface KeyHandle {
  readonly public: PublicKey
  /** What names it with its version, when it stays in a key service: `hashivault://app/versions/2`. */
  readonly reference?: string
  /** Whether it signs with SHA-256, as a `.sig` tag wants it of every key that hashes at all. Default: yes. */
  readonly legacy?: boolean
  /** The signature over data: ASN.1 DER for ECDSA, PKCS #1 v1.5 for RSA. */
  sign(data: Uint8Array, form?: SignatureForm): Buffer | Promise<Buffer>
  /** Ends what was begun to reach it, such as a login; it signs no more. */
  close?(): Promise<void>
}

/** A key in hand. */
export interface SigningKey extends KeyHandle {
  sign(data: Uint8Array, form?: SignatureForm): Buffer
}

/** In bytes: an encrypted RSA key of 8192 bits has about 7 kB. */
const mostPem = 64 * 1024

/**
 * Reads a private key: cosign's encrypted PEM (both labels), PKCS#8 (also encrypted), SEC 1, PKCS #1. `where` names it in errors.
 * Throws SW-KEY-INVALID, SW-KEY-PASSWORD.
 */
export async function parsePrivateKey(
  pem: string,
  { password = '', where }: { readonly password?: string; readonly where: string },
): Promise<SigningKey> {
  if (pem.length > mostPem) throw keyInvalid(`${where} has ${pem.length} bytes, expected a PEM of at most ${mostPem}.`)
  return signingKey(isEncryptedKey(pem) ? await opened(pem, password, where) : plain(pem, password, where), where)
}

/** A signer of a key that is in memory. Throws SW-KEY-INVALID for a kind of key that sigstore does not know. */
export function signingKey(key: KeyObject, where: string): SigningKey {
  const known = publicKeyOf(key, where)
  return { public: known, sign: (data, form) => sign(hashOf(known.algorithm, form), data, { key, dsaEncoding: 'der' }) }
}

async function opened(pem: string, password: string, where: string): Promise<KeyObject> {
  const pkcs8 = await openEncryptedKey(pem, password, where)
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  } catch {
    throw keyInvalid(`${where} opens, but holds no PKCS#8 key.`)
  } finally {
    pkcs8.fill(0)
  }
}

function plain(pem: string, password: string, where: string): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1]
  if (label === undefined || !label.endsWith('PRIVATE KEY')) {
    throw keyInvalid(`${where} is ${label === undefined ? 'no PEM' : `a PEM of "${label}"`}, expected a private key.`)
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase: password })
  } catch {
    // What OpenSSL says may hold parts of what it read.
    throw keyInvalid(`${where} is a PEM of "${label}" that cannot be read${label.startsWith('ENCRYPTED') ? ' with this password' : ''}.`)
  }
}
