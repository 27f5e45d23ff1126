import { createHash } from 'node:crypto'
import { bundleMediaType } from './bundle.ts'
import type { Signed, SignedBy } from './material.ts'
import { statementPayload } from './statement.ts'

/**
 * A bundle, version 0.3, with a statement in a DSSE envelope, as JSON. The signature has no `keyid`: cosign writes none, and what has one
 * is refused by some verifiers. A certificate comes without its chain, which the trusted root has.
 */
export function bundleOf(payload: Buffer, signed: Signed): Buffer {
  const signatures = [{ sig: signed.signature.toString('base64') }]
  return bundleWith(signed, { dsseEnvelope: { payload: payload.toString('base64'), payloadType: statementPayload, signatures } })
}

/** A bundle, version 0.3, with the signature of a file by SHA-256, as JSON. */
export function fileBundleOf(file: Buffer, signed: Signed): Buffer {
  const messageDigest = { algorithm: 'SHA2_256', digest: createHash('sha256').update(file).digest('base64') }
  return bundleWith(signed, { messageSignature: { messageDigest, signature: signed.signature.toString('base64') } })
}

/** The envelope alone, as cosign before version 3 keeps it in a layer of the `.att` tag. */
export function envelopeOf(payload: Buffer, signature: Buffer): Buffer {
  const signatures = [{ keyid: '', sig: signature.toString('base64') }]
  return Buffer.from(JSON.stringify({ payloadType: statementPayload, payload: payload.toString('base64'), signatures }))
}

function bundleWith({ by, entries, timestamps }: Signed, content: object): Buffer {
  const rfc3161Timestamps = timestamps.map((stamp) => ({ signedTimestamp: stamp.toString('base64') }))
  const bundle = {
    mediaType: bundleMediaType,
    verificationMaterial: {
      ...materialOf(by),
      ...(entries.length === 0 ? {} : { tlogEntries: entries }),
      ...(timestamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps } }),
    },
    ...content,
  }
  return Buffer.from(JSON.stringify(bundle))
}

function materialOf(by: SignedBy): object {
  return by.kind === 'key' ? { publicKey: { hint: by.hint } } : { certificate: { rawBytes: by.leaf.toString('base64') } }
}
