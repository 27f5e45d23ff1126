import { X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import { type Digest, isDigest } from '../../../../base/digest.ts'
import { Refused } from '../reasons.ts'
import { parseStrictJson } from '../strict-json.ts'

/** Type of a manifest with a signature of Notation: its artifactType, or the type of its configuration (Notary Project, signature-specification.md). */
export const notationType = 'application/vnd.cncf.notary.signature'
/** The envelope that is verified here; the other is COSE. */
const jwsMediaType = 'application/jose+json'

const names = {
  scheme: 'io.cncf.notary.signingScheme',
  time: 'io.cncf.notary.signingTime',
  expiry: 'io.cncf.notary.expiry',
} as const
const mostCertificates = 10

/** A signature of Notation as it is read: nothing of it is proven yet. */
export interface NotationEnvelope {
  /** `PS256`, `ES384`, … (RFC 7518). */
  readonly algorithm: string
  /** What the signature is over: the two parts as they were encoded. */
  readonly signed: Buffer
  readonly signature: Buffer
  /** The signer's certificate first, the root last. */
  readonly chain: readonly X509Certificate[]
  /** What was signed. */
  readonly target: {
    readonly mediaType: string
    readonly digest: Digest
    readonly size: number
    readonly annotations: Readonly<Record<string, unknown>>
  }
  /** As the signer says: nobody else vouches for it. */
  readonly signingTime: Date
  readonly expiry?: Date | undefined
}

const base64url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/))
const jws = v.strictObject({
  payload: base64url,
  protected: base64url,
  header: v.object({
    x5c: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]+={0,2}$/))), v.minLength(1), v.maxLength(mostCertificates)),
  }),
  signature: base64url,
})
const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/),
  v.transform((text) => new Date(text)),
  v.check((date) => !Number.isNaN(date.getTime()), 'expected a time'),
)
const headers = v.looseObject({
  alg: v.string(),
  cty: v.string(),
  crit: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(20)),
  [names.scheme]: v.string(),
  [names.time]: v.optional(time),
  [names.expiry]: v.optional(time),
})
const payload = v.object({
  targetArtifact: v.object({
    mediaType: v.string(),
    digest: v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a digest'),
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    annotations: v.optional(v.record(v.string(), v.unknown()), {}),
  }),
})
const payloadType = 'application/vnd.cncf.notary.payload.v1+json'

/** Reads a JWS of Notation (signature-envelope-jws.md): flattened JSON, the scheme notary.x509. Throws {@link Refused}. */
export function readNotation({ type, bytes }: { readonly type: string; readonly bytes: Uint8Array }): NotationEnvelope {
  if (type !== jwsMediaType) throw new Refused('notation-cose', { expected: jwsMediaType, got: type.slice(0, 200) })
  const envelope = check(jws, parseStrictJson(bytes), 'a flattened JWS')
  const said = check(headers, parseStrictJson(Buffer.from(envelope.protected, 'base64url')), 'protected headers of Notation')
  requireUnderstood(said.crit, said)
  if (said.cty !== payloadType) throw new Refused('payload-type', { expected: payloadType, got: said.cty.slice(0, 200) })
  const scheme = said[names.scheme]
  if (scheme !== 'notary.x509') throw new Refused('notation-scheme', { expected: 'notary.x509', got: scheme.slice(0, 200) })
  const signingTime = said[names.time]
  if (signingTime === undefined) throw new Refused('unreadable', { expected: names.time })
  return {
    algorithm: said.alg,
    signed: Buffer.from(`${envelope.protected}.${envelope.payload}`),
    signature: Buffer.from(envelope.signature, 'base64url'),
    chain: envelope.header.x5c.map(certificateOf),
    target: check(payload, parseStrictJson(Buffer.from(envelope.payload, 'base64url')), 'a payload of Notation').targetArtifact,
    signingTime,
    expiry: said[names.expiry],
  }
}

/** What must be understood has to be there, and be among what is; what limits a signature must be marked so (RFC 7515, §4.1.11). */
function requireUnderstood(critical: readonly string[], said: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = [names.scheme, names.expiry]
  const strange = critical.find((name) => !known.includes(name) || !Object.hasOwn(said, name))
  if (strange !== undefined || new Set(critical).size < critical.length)
    throw new Refused('critical-header', { expected: known.join(', '), got: (strange ?? critical.join(', ')).slice(0, 200) })
  const unmarked = known.find((name) => said[name] !== undefined && !critical.includes(name))
  if (unmarked !== undefined) throw new Refused('critical-header', { expected: unmarked, got: critical.join(', ').slice(0, 200) })
}

function certificateOf(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'))
  } catch {
    throw new Refused('unreadable', { expected: 'certificates in x5c' })
  }
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, expected: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new Refused('unreadable', { expected, got: `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim().slice(0, 200) })
}
