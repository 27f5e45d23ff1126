import { algorithmOf, type Digest, hexOf } from '../../../base/digest.ts'

/** `payloadType` of a DSSE envelope with an in-toto statement. */
export const statementPayload = 'application/vnd.in-toto+json'
/** `_type` of the statements that we write (in-toto attestation, spec/v1/statement.md). */
export const statementType = 'https://in-toto.io/Statement/v1'
/** Predicate of a statement that is the signature of an image; SBOMs and provenance have others and sign nothing. */
export const imageSignaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

/** What a statement is about. */
export interface StatementSubject {
  readonly digest: Digest
  /** registry/repository; a signature names none. */
  readonly name?: string | undefined
  /** What is signed of it beside its digest. */
  readonly annotations?: Annotations | undefined
}

/** Words that go with a signature, as of `cosign sign -a`. */
export type Annotations = Readonly<Record<string, string>>

/** The statement that is an image's signature, as the bytes that are signed. */
export function signatureStatement(digest: Digest, annotations: Annotations = {}): Buffer {
  return statementOf({ digest, annotations }, imageSignaturePredicate, '{}')
}

/** A statement as the bytes that are signed. `predicate` is JSON, and is taken as it is: no number or text in it changes. */
export function statementOf({ digest, name, annotations = {} }: StatementSubject, predicateType: string, predicate: string): Buffer {
  const more = Object.keys(annotations).length === 0 ? {} : { annotations: inOrder(annotations) }
  const subject = [{ ...(name === undefined ? {} : { name }), digest: { [algorithmOf(digest)]: hexOf(digest) }, ...more }]
  const head = JSON.stringify({ _type: statementType, subject, predicateType })
  return Buffer.from(`${head.slice(0, -1)},"predicate":${predicate}}`)
}

/** Annotations by their names, so that the same ones make the same bytes; Go writes them so. */
export function inOrder(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
