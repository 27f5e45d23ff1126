import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { ecdsaOverDigest } from './ecdsa.ts'

export interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const made = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  k256: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
  other: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
} as const satisfies Readonly<Record<string, Pair>>

/** Pairs that fakes of key services hold, each of the whole test file. */
export const pairs: Readonly<Record<keyof typeof made, Pair>> = made

/** PEM, SubjectPublicKeyInfo. */
export function pemOf({ publicKey }: Pair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

const sizes: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 }
/** DER before the digest in a signature of PKCS #1 v1.5 (RFC 8017 §9.2). */
const prefixes: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** A signature over a digest, for ECDSA r and s in a row; a digest of another length than its name says is refused. */
export function signDigest({ privateKey }: Pair, hash: string, digest: Buffer): Buffer {
  if (digest.length !== sizes[hash]) throw new Error(`a digest of ${digest.length} bytes is no ${hash}`)
  if (privateKey.asymmetricKeyType === 'rsa') {
    const encoded = Buffer.concat([Buffer.from(prefixes[hash] ?? '', 'hex'), digest])
    return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, encoded)
  }
  return ecdsaOverDigest(privateKey, digest)
}

/** A signature over data by a key that hashes by itself. */
export function signData({ privateKey }: Pair, data: Buffer): Buffer {
  return sign(null, data, privateKey)
}

/** The bytes with one bit turned. */
export function flipped(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])])
}

/** A name for a key: the beginning of the digest over its public half. */
export function identifierOf({ publicKey }: Pair): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32)
}
