import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import { Refused } from './reasons.ts'
import { parseStrictJson } from './strict-json.ts'

const pem = v.object({ content: v.string() })
const bytes = v.object({ rawBytes: v.string() })
const one = <S extends v.GenericSchema>(schema: S) => v.tuple([schema])
/** The places where the kinds of entries keep the key or certificate: Rekor 1 as base64 of PEM, Rekor 2 as base64 of DER. */
const shapes = [
  v.pipe(
    v.object({ spec: v.object({ signature: v.object({ publicKey: pem }) }) }),
    v.transform(({ spec }) => spec.signature.publicKey.content),
  ),
  v.pipe(
    v.object({ spec: v.object({ signatures: one(v.object({ verifier: v.string() })) }) }),
    v.transform(({ spec }) => spec.signatures[0].verifier),
  ),
  v.pipe(
    v.object({ spec: v.object({ content: v.object({ envelope: v.object({ signatures: one(v.object({ publicKey: v.string() })) }) }) }) }),
    v.transform(({ spec }) => spec.content.envelope.signatures[0].publicKey),
  ),
  v.pipe(
    v.object({
      spec: v.object({
        hashedRekordV002: v.object({
          signature: v.object({ verifier: v.union([v.object({ x509Certificate: bytes }), v.object({ publicKey: bytes })]) }),
        }),
      }),
    }),
    v.transform(({ spec }) => spec.hashedRekordV002.signature.verifier),
    v.transform((verifier) => ('publicKey' in verifier ? verifier.publicKey.rawBytes : verifier.x509Certificate.rawBytes)),
  ),
] as const
const body = v.union(shapes)

/**
 * Requires that the entry in the log names the key that signed. A signature and a digest alone do not tell: for one ECDSA
 * signature there is a second key under which it holds (CVE-2026-22703). Throws {@link Refused}.
 */
export function requireEntryKey(canonicalizedBody: Uint8Array, key: KeyObject): void {
  const parsed = v.safeParse(body, parseStrictJson(canonicalizedBody))
  if (!parsed.success) throw new Refused('log-entry-mismatch', { got: 'an entry without a key' })
  if (!keyOf(Buffer.from(parsed.output, 'base64')).equals(key)) throw new Refused('log-entry-key')
}

function keyOf(encoded: Buffer): KeyObject {
  try {
    return new X509Certificate(encoded).publicKey
  } catch {
    return encoded.toString('latin1').startsWith('-----')
      ? createPublicKey(encoded)
      : createPublicKey({ key: encoded, format: 'der', type: 'spki' })
  }
}
