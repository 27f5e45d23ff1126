import { algorithmOf, type Digest, hexOf } from '../../../base/digest.ts'

/** `payloadType` of a DSSE envelope with an in-toto statement. */
export const statementPayload = 'application/vnd.in-toto+json'
/** `_type` of the statements that we write (in-toto attestation, spec/v1/statement.md). */
export const statementType = 'https://in-toto.io/Statement/v1'
/** Predicate of a statement that is the signature of an image; SBOMs and provenance have others and sign nothing. */
export const imageSignaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

/** The statement that is an image's signature, as the bytes that are signed. */
export function signatureStatement(digest: Digest): Buffer {
  const subject = [{ digest: { [algorithmOf(digest)]: hexOf(digest) } }]
  return Buffer.from(JSON.stringify({ _type: statementType, subject, predicateType: imageSignaturePredicate, predicate: {} }))
}
