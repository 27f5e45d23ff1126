import type { TransparencyLogEntry } from '@sigstore/bundle'
import { RFC3161Timestamp } from '@sigstore/core'
import * as v from 'valibot'
import { type Digest, isDigest } from '../../../base/digest.ts'
import { simpleSigningAnnotations as names } from '../formats/simple-signing.ts'
import { certificateOf, type Evidence, preAuthEncoding } from './evidence.ts'
import { requireFew, type SignedStatement } from './read-bundle.ts'
import { Refused } from './reasons.ts'
import { parseStatement } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

/** The one layer type of `.att` tags (cosign, ATTESTATION_SPEC.md). */
export const envelopeMediaType = 'application/vnd.dsse.envelope.v1+json'

/** A layer under a tag of cosign before version 3: bytes with the signature or its proofs beside them. */
export interface LegacyLayer {
  readonly bytes: Buffer
  readonly annotations: Readonly<Record<string, string>>
}

/** A signature over an image's digest and the repository that it was in. */
export interface SimpleSignature {
  readonly evidence: Evidence
  readonly digest: Digest
  /** `docker-reference`: registry/repository, as the signer saw it. */
  readonly reference: string
  /** `optional`: what was signed with it by `cosign sign -a`. */
  readonly annotations: Readonly<Record<string, unknown>>
}

const base64 = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9+/]*={0,2}$/),
  v.transform((text) => Buffer.from(text, 'base64')),
)
/** containers/image, docs/containers-signature.5.md. */
const simpleSigning = v.object({
  critical: v.object({
    identity: v.object({ 'docker-reference': v.pipe(v.string(), v.maxLength(1000)) }),
    image: v.object({
      'docker-manifest-digest': v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a digest'),
    }),
    type: v.picklist(['cosign container image signature', 'atomic container signature']),
  }),
  optional: v.nullish(v.record(v.string(), v.unknown())),
})
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const logAnswer = v.object({
  SignedEntryTimestamp: base64,
  Payload: v.object({ body: base64, integratedTime: whole, logIndex: whole, logID: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
})
const entryKind = v.object({ kind: v.string(), apiVersion: v.string() })
const timestampAnswer = v.object({ SignedRFC3161Timestamp: base64 })
const envelope = v.object({
  payloadType: v.string(),
  payload: base64,
  signatures: v.pipe(v.array(v.object({ sig: base64 })), v.length(1)),
})

/** Reads one signature under a `.sig` tag. Throws {@link Refused}, or what the readers throw. */
export function readSimpleSignature(layer: LegacyLayer): SimpleSignature {
  const { critical, optional } = check(simpleSigning, parseStrictJson(layer.bytes), 'a simple signing payload')
  const signature = check(base64, layer.annotations[names.signature], `the annotation ${names.signature}`)
  return {
    evidence: { signed: layer.bytes, payload: layer.bytes, signature, form: 'legacy', ...proofsOf(layer.annotations) },
    digest: critical.image['docker-manifest-digest'],
    reference: critical.identity['docker-reference'],
    annotations: optional ?? {},
  }
}

/** Reads one attestation under an `.att` tag. Throws {@link Refused}, or what the readers throw. */
export function readEnvelope(layer: LegacyLayer): SignedStatement {
  const { payload, payloadType, signatures } = check(envelope, parseStrictJson(layer.bytes), 'a DSSE envelope with one signature')
  return {
    evidence: {
      signed: preAuthEncoding(payloadType, payload),
      payload,
      signature: signatures[0]?.sig ?? Buffer.alloc(0),
      form: 'legacy',
      stamped: layer.bytes,
      ...proofsOf(layer.annotations),
    },
    statement: parseStatement(payloadType, payload),
  }
}

function proofsOf(annotations: LegacyLayer['annotations']): Pick<Evidence, 'by' | 'entries' | 'timestamps'> {
  const { [names.certificate]: certificate = '', [names.log]: log = '', [names.timestamp]: timestamp = '' } = annotations
  const stamps =
    timestamp === '' ? [] : [check(timestampAnswer, parseStrictJson(Buffer.from(timestamp)), 'a time stamp').SignedRFC3161Timestamp]
  const entries = log === '' ? [] : [entryOf(log)]
  requireFew(entries.length + stamps.length)
  return {
    by: certificate === '' ? { hint: '' } : { certificate: certificateOf(certificate) },
    entries,
    timestamps: stamps.map((stamp) => RFC3161Timestamp.parse(stamp)),
  }
}

/** What Rekor version 1 answered, as an entry of a bundle with a promise and no proof. */
function entryOf(log: string): TransparencyLogEntry {
  const { SignedEntryTimestamp, Payload } = check(logAnswer, parseStrictJson(Buffer.from(log)), 'an answer of Rekor')
  const { kind, apiVersion } = check(entryKind, parseStrictJson(Payload.body), 'an entry of Rekor')
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, 'hex') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    inclusionProof: undefined,
    canonicalizedBody: Payload.body,
  }
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, expected: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new Refused('unreadable', {
    expected,
    got: `${v.getDotPath(parsed.issues[0]) ?? ''} ${parsed.issues[0].message}`.trim().slice(0, 200),
  })
}
