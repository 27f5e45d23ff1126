import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { publicPem } from './public-pem.ts'
import { sealKey } from './seal-key.ts'

/** Kinds of keys that can be made; P-256 is what every verifier takes. */
export const keyTypes = ['p256', 'p384', 'p521', 'rsa', 'ed25519'] as const
export type KeyType = (typeof keyTypes)[number]

/** A pair as the texts of its files. */
export interface KeyPair {
  /** PEM as `cosign generate-key-pair` writes it, closed with the password. */
  readonly privateKey: string
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string
}

/** Makes a pair whose files cosign 2 and 3 read. The password may be empty. */
export function generateKeys(type: KeyType, password: string): KeyPair {
  const pair = makers[type]()
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' })
  const privateKey = sealKey(pkcs8, password)
  pkcs8.fill(0)
  return { privateKey, publicKey: publicPem(pair.publicKey) }
}

const makers: Readonly<Record<KeyType, () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  ed25519: () => generateKeyPairSync('ed25519'),
}
