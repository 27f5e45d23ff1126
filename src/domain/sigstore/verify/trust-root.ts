import type { X509Certificate } from '@sigstore/core'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify'
import * as v from 'valibot'
import { messageOf } from '../../../base/errors.ts'
import { trustRootInvalid } from './errors.ts'
import { reasonOf } from './reasons.ts'
import { parseStrictJson } from './strict-json.ts'

/** Authorities of certificates and time, and logs, that one Sigstore runs: public, GitHub's, one's own. */
export interface TrustRoot {
  /** The file, for messages. */
  readonly name: string
  readonly material: Omit<TrustMaterial, 'publicKey'>
}

const most = 100
const date = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'expected a date'),
)
const validFor = v.object({ start: date, end: v.optional(date) })
const log = v.object({ publicKey: v.object({ rawBytes: v.string(), validFor }), logId: v.optional(v.object({ keyId: v.string() })) })
const authority = v.object({
  certChain: v.object({ certificates: v.pipe(v.array(v.object({ rawBytes: v.string() })), v.minLength(1), v.maxLength(most)) }),
})
const several = <S extends v.GenericSchema>(
  schema: S,
): v.OptionalSchema<
  v.SchemaWithPipe<readonly [v.ArraySchema<S, undefined>, v.MaxLengthAction<v.InferOutput<S>[], number, undefined>]>,
  readonly []
> => v.optional(v.pipe(v.array(schema), v.maxLength(most)), [])
/** sigstore protobuf-specs, TrustedRoot; what is checked here is what its reader leaves open. */
const schema = v.object({
  mediaType: v.pipe(v.string(), v.regex(/^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/)),
  tlogs: several(log),
  ctlogs: several(log),
  certificateAuthorities: several(authority),
  timestampAuthorities: several(authority),
})

/** Reads a trusted root; `name` is its file. Throws SW-TRUST-ROOT-INVALID, also for a log without a start of validity. */
export function parseTrustRoot(bytes: Uint8Array, name: string): TrustRoot {
  const value = parse(bytes, name)
  const parsed = v.safeParse(schema, value)
  if (!parsed.success)
    throw trustRootInvalid(`${name} is no trusted root: ${v.getDotPath(parsed.issues[0]) ?? 'the document'}: ${parsed.issues[0].message}.`)
  try {
    const { publicKey: _, ...material } = toTrustMaterial(TrustedRoot.fromJSON(value))
    return { name, material }
  } catch (cause) {
    throw trustRootInvalid(`${name} holds a key or certificate that cannot be read: ${messageOf(cause)}.`, { cause })
  }
}

/** Whether an authority of the root, valid then, issued the certificate: by signature, whatever its names say. */
export function issued({ material }: TrustRoot, certificate: X509Certificate, at: Date): boolean {
  return material.certificateAuthorities
    .filter(({ validFor: { start, end } }) => start <= at && at <= end)
    .some(({ certChain }) => certChain.some((issuer) => isIssuer(issuer, certificate)))
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.verify(issuer)
  } catch {
    return false
  }
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (cause) {
    const { code, got = '' } = reasonOf(cause)
    throw trustRootInvalid(`${name} is no trusted root: ${code} ${got}.`, { cause })
  }
}
