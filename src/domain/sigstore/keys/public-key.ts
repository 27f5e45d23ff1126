import { createHash, createPublicKey, constants as crypto, type KeyObject, verify } from 'node:crypto'
import { messageOf } from '../../../base/errors.ts'
import { keyInvalid } from './errors.ts'

/** What a key signs with: the digest belongs to the key, as cosign chooses it. */
export type KeyAlgorithm = 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | 'ecdsa-p521-sha512' | 'rsa-pkcs1v15-sha256' | 'ed25519'

/** A public key with what bundles and logs say of it. */
export interface PublicKey {
  readonly key: KeyObject
  readonly algorithm: KeyAlgorithm
  /** Base64 of the SHA-256 of the SubjectPublicKeyInfo: `verificationMaterial.publicKey.hint` of a bundle. */
  readonly hint: string
}

/** How a signature is kept: in a bundle, or under cosign's `.sig` tag, where cosign hashes with SHA-256 whatever the key is. */
export type SignatureForm = 'bundle' | 'legacy'

const hashes = {
  'ecdsa-p256-sha256': 'sha256',
  'ecdsa-p384-sha384': 'sha384',
  'ecdsa-p521-sha512': 'sha512',
  'rsa-pkcs1v15-sha256': 'sha256',
  ed25519: null,
} as const satisfies Readonly<Record<KeyAlgorithm, string | null>>

/** The digest that a key signs with, as node:crypto names it; null for Ed25519, which hashes by itself. */
export function hashOf(algorithm: KeyAlgorithm, form: SignatureForm = 'bundle'): 'sha256' | 'sha384' | 'sha512' | null {
  const own = hashes[algorithm]
  return form === 'legacy' && own !== null ? 'sha256' : own
}

const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'ecdsa-p256-sha256',
  secp384r1: 'ecdsa-p384-sha384',
  secp521r1: 'ecdsa-p521-sha512',
}

/** In bits; RSA keys outside are refused, as cosign and RFC 8017's users do. */
const rsaBits = { least: 2048, most: 8192 } as const
/** In bytes: the largest RSA key has about 1.5 kB. */
const mostPem = 16_384

/** Reads a public key (`PUBLIC KEY`, `RSA PUBLIC KEY`) or the key of a certificate; `where` names it in errors. Throws SW-KEY-INVALID. */
export function parsePublicKey(pem: string, where: string): PublicKey {
  if (pem.length > mostPem) throw keyInvalid(`${where} has ${pem.length} bytes, expected a PEM of at most ${mostPem}.`)
  if (!/-----BEGIN (?:(?:RSA )?PUBLIC KEY|CERTIFICATE)-----/.test(pem)) {
    const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1]
    throw keyInvalid(`${where} is ${label === undefined ? 'no PEM' : `a PEM of "${label}"`}, expected "PUBLIC KEY".`)
  }
  return publicKeyOf(readKey(pem, where), where)
}

/** The public half of a key with its algorithm. Throws SW-KEY-INVALID for one that sigstore does not know. */
export function publicKeyOf(key: KeyObject, where: string): PublicKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { key: publicKey, algorithm: algorithmOf(publicKey, where), hint: createHash('sha256').update(spki).digest('base64') }
}

/** Whether a signature of a bundle was made with a key over data; ECDSA ones are DER (ASN.1), as cosign writes them. */
export function isSignedBy(key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  return isSigned(key, hashOf(key.algorithm), { data, signature })
}

/** As {@link isSignedBy}, for a signature under a `.sig` tag. */
export function isLegacySignedBy(key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  return isSigned(key, hashOf(key.algorithm, 'legacy'), { data, signature })
}

function isSigned(
  { key }: PublicKey,
  hash: ReturnType<typeof hashOf>,
  { data, signature }: { readonly data: Uint8Array; readonly signature: Uint8Array },
): boolean {
  try {
    return verify(hash, data, { key, dsaEncoding: 'der', padding: crypto.RSA_PKCS1_PADDING }, signature)
  } catch {
    // What is no signature at all is none of this key.
    return false
  }
}

function readKey(pem: string, where: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw keyInvalid(`${where} is no public key: ${messageOf(cause)}.`, { cause })
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, where: string): KeyAlgorithm {
  if (type === 'ed25519') return 'ed25519'
  if (type === 'rsa') return rsaAlgorithm(details?.modulusLength ?? 0, where)
  const algorithm = type === 'ec' ? curves[details?.namedCurve ?? ''] : undefined
  if (algorithm !== undefined) return algorithm
  const seen = type === 'ec' ? `of the curve ${details?.namedCurve}` : `of the type ${type}`
  throw keyInvalid(`${where} is a key ${seen}, expected P-256, P-384, P-521, RSA or Ed25519.`)
}

function rsaAlgorithm(bits: number, where: string): KeyAlgorithm {
  if (bits >= rsaBits.least && bits <= rsaBits.most) return 'rsa-pkcs1v15-sha256'
  throw keyInvalid(`${where} is an RSA key of ${bits} bits, expected ${rsaBits.least} to ${rsaBits.most}.`)
}
