import { scrypt } from 'node:crypto'
import * as v from 'valibot'
import { keyInvalid, keyPasswordWrong } from './errors.ts'

/** Label of the PEM of an encrypted key: cosign's before 2023, and since. */
export const labels = ['ENCRYPTED COSIGN PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY'] as const

/** What cosign writes since 2023. */
export const cost = { N: 65_536, r: 8, p: 1 } as const
/** In bytes. */
export const sizes = { key: 32, salt: 32, nonce: 24 } as const
/** A file asks for memory: 128 · N · r bytes. More than cosign ever wrote is refused. */
export const mostMemory = 256 * 2 ** 20
const mostBytes = 64 * 1024

const base64 = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => Buffer.from(text, 'base64')),
)
const powerOfTwo = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(2 ** 14),
  v.maxValue(2 ** 17),
  v.check((N) => Number.isInteger(Math.log2(N)), 'expected a power of two'),
)
const box = v.object({
  kdf: v.object({
    name: v.literal('scrypt'),
    params: v.object({ N: powerOfTwo, r: v.literal(cost.r), p: v.literal(cost.p) }),
    salt: v.pipe(base64, v.minLength(16), v.maxLength(64)),
  }),
  cipher: v.object({ name: v.literal('nacl/secretbox'), nonce: v.pipe(base64, v.length(sizes.nonce)) }),
  ciphertext: v.pipe(base64, v.minLength(16), v.maxLength(mostBytes)),
})

/** Whether a PEM is a private key as `cosign generate-key-pair` writes it. */
export function isEncryptedKey(pem: string): boolean {
  return labels.some((label) => pem.includes(`-----BEGIN ${label}-----`))
}

/** A password that is at work for who opens a key with it next. */
let begun: { readonly password: string; readonly salt: Buffer; readonly key: Promise<Buffer> } | undefined

/** Begins to derive what {@link openEncryptedKey} will need of a key and a password. Throws SW-KEY-INVALID. */
export function beginToDerive(pem: string, password: string): void {
  if (!isEncryptedKey(pem)) return
  const { kdf } = parseBox(pem, 'the key')
  const key = derive(password, kdf)
  // Who never asks for it hears of no failure either.
  key.catch(() => undefined)
  begun = { password, salt: kdf.salt, key }
}

/** Opens such a key with its password, which may be empty; gives PKCS#8 (DER). Throws SW-KEY-INVALID, SW-KEY-PASSWORD. */
export async function openEncryptedKey(pem: string, password: string, where: string): Promise<Buffer> {
  const { kdf, cipher, ciphertext } = parseBox(pem, where)
  const deriving = takeBegun(password, kdf) ?? derive(password, kdf)
  // Loaded beside it, and by those only who open such a key.
  const [key, { xsalsa20poly1305 }] = await Promise.all([deriving, import('@noble/ciphers/salsa.js')])
  try {
    return Buffer.from(xsalsa20poly1305(key, cipher.nonce).decrypt(ciphertext))
  } catch {
    throw keyPasswordWrong(`The ${password === '' ? 'empty password' : 'password'} does not open ${where}, or the file was changed.`)
  } finally {
    key.fill(0)
  }
}

/** Once: the key is wiped by who took it. A salt is of one file alone, with one set of parameters. */
function takeBegun(password: string, { salt }: Derivation): Promise<Buffer> | undefined {
  if (begun === undefined || begun.password !== password || !begun.salt.equals(salt)) return undefined
  const { key } = begun
  begun = undefined
  return key
}

type Derivation = v.InferOutput<typeof box>['kdf']

/** A quarter of a second of one processor, on a thread of its own: meanwhile the registry is asked. */
function derive(password: string, { salt, params: { N, r, p } }: Derivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Buffer): void => (error === null ? resolve(key) : reject(error))
    scrypt(password, salt, sizes.key, { N, r, p, maxmem: mostMemory }, done)
  })
}

function parseBox(pem: string, where: string): v.InferOutput<typeof box> {
  const [, body] = /-----BEGIN (?:ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY)-----([^-]*)-----END /.exec(pem) ?? []
  if (body === undefined || body.length > mostBytes * 2) throw keyInvalid(`${where} is cut: it has no -----END line where one is expected.`)
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), box), Buffer.from(body, 'base64').toString())
  if (parsed.success) return parsed.output
  // The message of an issue may quote what it received: only the place is told.
  const place = v.getDotPath(parsed.issues[0])
  throw keyInvalid(`${where} is no encrypted key of cosign: ${place === null ? 'its body is not JSON' : `${place} is not as expected`}.`)
}
