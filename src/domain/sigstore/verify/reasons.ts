/** Why something attached to an image does not count. Stable: reports, records and policies of others name these words. */
export const reasons = {
  unreadable: 'it is not what its media type promises, or is cut or too deep',
  'duplicate-keys': 'its JSON names a key twice, so that two readers may see two documents',
  'too-large': 'it is larger than what is read',
  'too-many': 'more is attached than what is read',
  'not-sigstore': 'it is of another system than sigstore, and proves nothing here',
  'notation-cose': 'it is a signature of Notation in COSE, which is not verified here: only in JWS',
  'notation-scheme': 'it is a signature of Notation of another signing scheme than notary.x509',
  'critical-header': 'what it says must be understood is not understood here, or not marked so',
  'algorithm-mismatch': 'the algorithm is not the one that goes with the key',
  'signature-expired': 'the signer said that it counts until then',
  'signing-time': 'the signer says that it was signed later than now',
  'payload-type': 'the envelope does not hold an in-toto statement',
  'statement-invalid': 'the statement is not one of in-toto',
  'predicate-type': 'the statement says something else than that the image is signed',
  'subject-mismatch': 'it is about another image',
  'reference-missing': 'the signature names no repository, and the policy wants one',
  'reference-mismatch': 'the signature was made for another repository',
  'no-rule': 'the policy trusts no signer of this kind',
  'key-mismatch': 'it was signed with another key',
  'signature-invalid': 'the signature is not over these bytes',
  'certificate-untrusted': 'no trusted authority issued the certificate',
  'certificate-expired': 'the certificate was not valid when it signed',
  'certificate-chain': 'the certificates do not lead to a root, each issued by the next',
  'certificate-usage': 'the certificate is not one for signing code',
  'sct-missing': 'the certificate is not in a log of certificates',
  'sct-invalid': 'the entry in the log of certificates is not by a trusted log',
  'timestamp-missing': 'nothing trusted says when it was signed',
  'timestamp-invalid': 'the time stamp is not by a trusted authority, or is about another signature',
  'log-missing': 'it is in no transparency log',
  'log-unknown': 'the transparency log is not a trusted one, or was not at that time',
  'log-proof-invalid': 'the proof that it is in the log does not hold',
  'log-promise-invalid': 'the promise of the log is not signed by a trusted log',
  'log-entry-mismatch': 'the entry in the log is about something else',
  'log-entry-key': 'the entry in the log names another key',
  'log-entry-duplicate': 'one entry of the log is given several times',
  'identity-mismatch': 'somebody else signed it',
  'issuer-mismatch': 'another issuer vouches for who signed it',
  'repository-mismatch': 'it was signed from another source repository',
  'workflow-mismatch': 'it was signed by another workflow',
  'ref-mismatch': 'it was signed from another branch or tag',
  'trigger-mismatch': 'another event started what signed it',
  'runner-mismatch': 'it was signed on another class of runner',
  'too-old': 'it was signed too long ago',
  'time-unknown': 'the policy limits the age, and nothing trusted says when it was signed',
  'annotation-mismatch': 'an annotation that the policy wants is not signed with it, or has another value',
  'predicate-invalid': 'the predicate is not of the shape that its type promises',
  'verdict-failed': 'the gate did not pass the image',
  'verifier-mismatch': 'another gate decided',
  'policy-mismatch': 'the gate decided by another policy',
  'resource-mismatch': 'the gate decided about another resource',
  'builder-mismatch': 'the provenance names another builder',
  'source-mismatch': 'the provenance names another source repository',
} as const satisfies Readonly<Record<string, string>>

export type ReasonCode = keyof typeof reasons

/** One finding against something, with what the policy expected and what was seen. */
export interface Reason {
  readonly code: ReasonCode
  readonly expected?: string | undefined
  readonly got?: string | undefined
}

/** Ends the examination of one thing with its reason; never leaves this folder. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly reason: Reason

  constructor(code: ReasonCode, details: Omit<Reason, 'code'> = {}) {
    super(reasons[code])
    this.reason = { code, ...details }
  }
}

/** The reason of whatever examining something threw: what no check of ours foresaw makes it unreadable, never trusted. */
export function reasonOf(thrown: unknown): Reason {
  if (thrown instanceof Refused) return thrown.reason
  return { code: 'unreadable', got: thrown instanceof Error ? thrown.message.slice(0, 200) : undefined }
}
