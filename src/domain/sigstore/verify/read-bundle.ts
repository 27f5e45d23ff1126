import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import { RFC3161Timestamp } from '@sigstore/core'
import { certificateOf, type Evidence, preAuthEncoding } from './evidence.ts'
import { Refused } from './reasons.ts'
import { parseStatement, type Statement } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

/** Entries of a log, and time stamps, that one signature may bring: each is a signature to check. */
const mostProofs = 10

/** What a bundle holds: one signature over a statement. */
export interface SignedStatement {
  readonly evidence: Evidence
  readonly statement: Statement
}

/** Reads a bundle, versions 0.1 to 0.3, with an envelope: what is attached to images. Throws {@link Refused}, or what the reader throws. */
export function readBundle(bytes: Uint8Array): SignedStatement {
  const bundle = parseBundle(bytes)
  if (bundle.content.$case !== 'dsseEnvelope') throw new Refused('unreadable', { expected: 'a DSSE envelope', got: bundle.content.$case })
  const { payload, payloadType, signatures } = bundle.content.dsseEnvelope
  const [first] = signatures
  if (first === undefined || signatures.length > 1)
    throw new Refused('unreadable', { expected: 'one signature', got: `${signatures.length}` })
  const signed = { signed: preAuthEncoding(payloadType, payload), payload, signature: first.sig }
  return { evidence: { ...signed, ...materialOf(bundle) }, statement: parseStatement(payloadType, payload) }
}

/** Who signed what a bundle holds, and what proves when and where. Throws {@link Refused}, or what the reader throws. */
export function materialOf(bundle: Bundle): Pick<Evidence, 'form' | 'by' | 'entries' | 'timestamps'> {
  const { tlogEntries: entries, timestampVerificationData } = bundle.verificationMaterial
  const stamps = timestampVerificationData?.rfc3161Timestamps ?? []
  requireFew(entries.length + stamps.length)
  const timestamps = stamps.map(({ signedTimestamp }) => RFC3161Timestamp.parse(Buffer.from(signedTimestamp)))
  return { form: 'bundle', by: signerOf(bundle), entries, timestamps }
}

/** Throws {@link Refused} where more proofs come along than are checked. */
export function requireFew(count: number): void {
  if (count > mostProofs)
    throw new Refused('too-many', { expected: `at most ${mostProofs} log entries and time stamps`, got: String(count) })
}

/** The JSON of a bundle. Throws {@link Refused}. */
export function parseBundle(bytes: Uint8Array): Bundle {
  const value = parseStrictJson(bytes)
  try {
    return bundleFromJSON(value)
  } catch (cause) {
    throw new Refused('unreadable', {
      expected: 'a Sigstore bundle',
      got: cause instanceof Error ? cause.message.slice(0, 200) : undefined,
    })
  }
}

function signerOf({ verificationMaterial: { content } }: Bundle): Evidence['by'] {
  switch (content.$case) {
    case 'publicKey':
      return { hint: content.publicKey.hint }
    case 'certificate':
      return { certificate: certificateOf(content.certificate.rawBytes) }
    case 'x509CertificateChain':
      return { certificate: certificateOf(content.x509CertificateChain.certificates[0]?.rawBytes ?? Buffer.alloc(0)) }
  }
}
