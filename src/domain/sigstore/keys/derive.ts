import { scrypt } from 'node:crypto'

/** Label of the PEM of an encrypted key: cosign's before 2023, and since. */
export const labels = ['ENCRYPTED COSIGN PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY'] as const

/** What cosign writes since 2023. */
export const cost = { N: 65_536, r: 8, p: 1 } as const
/** In bytes. */
export const sizes = { key: 32, salt: 32, nonce: 24 } as const
/** A file asks for memory: 128 · N · r bytes. More than cosign ever wrote is refused. */
export const mostMemory = 256 * 2 ** 20
export const mostBytes = 64 * 1024

/** How the password of a file becomes its key (RFC 7914); the other parameters are of {@link cost}. */
export interface Derivation {
  readonly N: number
  readonly salt: Buffer
}

/** A password that is at work for who opens a key with it next. */
let begun: (Derivation & { readonly password: string; readonly key: Promise<Buffer> }) | undefined

/** What stands between the lines of such a PEM; undefined where there is none. */
export function bodyOf(pem: string): string | undefined {
  const [, body] = /-----BEGIN (?:ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY)-----([^-]*)-----END /.exec(pem) ?? []
  return body === undefined || body.length > mostBytes * 2 ? undefined : body
}

/**
 * Begins to derive what {@link derived} will be asked for, where the text is as cosign and we write it, letter for letter: what reads any
 * other, and says what is wrong with it, takes longer to load than this may.
 */
export function beginToDerive(pem: string, password: string): void {
  const text = Buffer.from(bodyOf(pem) ?? '', 'base64').toString()
  const written = /^\{"kdf":\{"name":"scrypt","params":\{"N":(32768|65536),"r":8,"p":1\},"salt":"([\w+/]{22,86}={0,2})"\}/.exec(text)
  if (written === null) return
  const [, N, salt = ''] = written
  const derivation = { N: Number(N), salt: Buffer.from(salt, 'base64') }
  const key = derive(password, derivation)
  // Who never asks for it hears of no failure either.
  key.catch(() => undefined)
  begun = { ...derivation, password, key }
}

/** The key of a password, which is the caller's to wipe: what was begun of it, once, or derived now. */
export function derived(password: string, derivation: Derivation): Promise<Buffer> {
  const { N, salt } = derivation
  if (begun === undefined || begun.password !== password || begun.N !== N || !begun.salt.equals(salt)) return derive(password, derivation)
  const { key } = begun
  begun = undefined
  return key
}

/** A fifth of a second of one processor, on a thread of its own: meanwhile the registry is asked. */
function derive(password: string, { N, salt }: Derivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Buffer): void => (error === null ? resolve(key) : reject(error))
    scrypt(password, salt, sizes.key, { ...cost, N, maxmem: mostMemory }, done)
  })
}
