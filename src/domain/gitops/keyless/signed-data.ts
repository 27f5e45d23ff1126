import { X509Certificate } from '@sigstore/core'
import { der, objectIdentifier, octets, sequence, setOf, small, utcTime } from './der.ts'

const oid = {
  ...{ data: '1.2.840.113549.1.7.1', signedData: '1.2.840.113549.1.7.2', contentType: '1.2.840.113549.1.9.3' },
  ...{ messageDigest: '1.2.840.113549.1.9.4', signingTime: '1.2.840.113549.1.9.5', sha256: '2.16.840.1.101.3.4.2.1' },
  ...{ ecdsaWithSha256: '1.2.840.10045.4.3.2', logEntry: '1.3.6.1.4.1.57264.3.1' },
} as const

/** What a signature of a message is over, in CMS: its digest (SHA-256) and the time in milliseconds since 1970 (RFC 5652, 11). */
export function signedAttributes(digest: Buffer, now: number): Buffer {
  return setOf(
    attribute(oid.contentType, objectIdentifier(oid.data)),
    attribute(oid.messageDigest, octets(digest)),
    attribute(oid.signingTime, utcTime(now)),
  )
}

export interface DetachedSignature {
  /** In DER. */
  readonly certificate: Buffer
  /** Of {@link signedAttributes}. */
  readonly attributes: Buffer
  /** ECDSA with SHA-256 over them, in DER. */
  readonly signature: Buffer
  /** Entry of a transparency log that has it, as gitsign keeps it beside the signature. */
  readonly logEntry: Buffer
}

/** A detached signature in CMS (RFC 5652) with one signer, as gitsign(1) writes and reads it. */
export function signedData({ certificate, attributes, signature, logEntry }: DetachedSignature): Buffer {
  const { issuer, serialNumber } = X509Certificate.parse(Buffer.from(certificate))
  const digestAlgorithm = sequence(objectIdentifier(oid.sha256))
  const signer = sequence(
    small(1),
    sequence(sequence(issuer), der(0x02, serialNumber)),
    digestAlgorithm,
    // The same bytes as are signed, under the tag of their place.
    Buffer.concat([Buffer.from([0xa0]), attributes.subarray(1)]),
    sequence(objectIdentifier(oid.ecdsaWithSha256)),
    octets(signature),
    der(0xa1, attribute(oid.logEntry, octets(logEntry))),
  )
  const signed = sequence(small(1), setOf(digestAlgorithm), sequence(objectIdentifier(oid.data)), der(0xa0, certificate), setOf(signer))
  return sequence(objectIdentifier(oid.signedData), der(0xa0, signed))
}

function attribute(type: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(type), setOf(value))
}
