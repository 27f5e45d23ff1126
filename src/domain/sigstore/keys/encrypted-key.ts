import * as v from 'valibot'
import { bodyOf, cost, derived, labels, mostBytes, sizes } from './derive.ts'
import { keyInvalid, keyPasswordWrong } from './errors.ts'

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

/** Opens such a key with its password, which may be empty; gives PKCS#8 (DER). Throws SW-KEY-INVALID, SW-KEY-PASSWORD. */
export async function openEncryptedKey(pem: string, password: string, where: string): Promise<Buffer> {
  const { kdf, cipher, ciphertext } = parseBox(pem, where)
  const deriving = derived(password, { N: kdf.params.N, salt: kdf.salt })
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

function parseBox(pem: string, where: string): v.InferOutput<typeof box> {
  const body = bodyOf(pem)
  if (body === undefined) throw keyInvalid(`${where} is cut: it has no -----END line where one is expected.`)
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), box), Buffer.from(body, 'base64').toString())
  if (parsed.success) return parsed.output
  // The message of an issue may quote what it received: only the place is told.
  const place = v.getDotPath(parsed.issues[0])
  throw keyInvalid(`${where} is no encrypted key of cosign: ${place === null ? 'its body is not JSON' : `${place} is not as expected`}.`)
}
