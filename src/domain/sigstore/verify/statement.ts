import * as v from 'valibot'
import { algorithmOf, type Digest, hexOf } from '../../../base/digest.ts'
import { imageSignaturePredicate, statementPayload } from '../formats/statement.ts'
import { Refused } from './reasons.ts'
import { parseStrictJson } from './strict-json.ts'

/** Versions of the statement (in-toto attestation, spec/v1 and spec/v0.1). */
const types = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']

const schema = v.object({
  _type: v.picklist(types),
  subject: v.pipe(
    v.array(
      v.object({
        digest: v.record(v.string(), v.string()),
        annotations: v.fallback(v.optional(v.record(v.string(), v.unknown()), {}), {}),
      }),
    ),
    v.minLength(1),
    v.maxLength(10_000),
  ),
  predicateType: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
  predicate: v.optional(v.unknown()),
})

/** An in-toto statement: what is said, and about what. */
export interface Statement {
  readonly predicateType: string
  readonly predicate: unknown
  /** Whether the image is among its subjects. */
  isAbout(digest: Digest): boolean
  /** What is said of the image beside its digest: the annotations of cosign. */
  annotations(digest: Digest): Readonly<Record<string, unknown>>
  /** `algorithm:hex` of its first subject, for messages. */
  readonly about: string
}

/** Reads the statement in a DSSE envelope. Throws {@link Refused}. */
export function parseStatement(payloadType: string, payload: Uint8Array): Statement {
  if (payloadType !== statementPayload) throw new Refused('payload-type', { expected: statementPayload, got: payloadType.slice(0, 200) })
  const parsed = v.safeParse(schema, parseStrictJson(payload))
  if (!parsed.success)
    throw new Refused('statement-invalid', {
      got: `${v.getDotPath(parsed.issues[0]) ?? 'statement'}: ${parsed.issues[0].message}`.slice(0, 200),
    })
  const { subject, predicateType, predicate } = parsed.output
  const isOf = (digest: Digest) => (one: (typeof subject)[number]) => one.digest[algorithmOf(digest)] === hexOf(digest)
  const [first] = Object.entries(subject[0]?.digest ?? {})
  return {
    predicateType,
    predicate,
    isAbout: (digest) => subject.some(isOf(digest)),
    annotations: (digest) => subject.find(isOf(digest))?.annotations ?? {},
    about: first === undefined ? 'nothing' : first.join(':').slice(0, 200),
  }
}

/** Whether a statement is a signature of an image; every other one tells of it and signs nothing. */
export function isSignature({ predicateType }: Pick<Statement, 'predicateType'>): boolean {
  return predicateType === imageSignaturePredicate
}
