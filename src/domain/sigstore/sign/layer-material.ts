import { X509Certificate } from 'node:crypto'
import type { Descriptor } from '../../oci/types.ts'
import type { Signed } from '../formats/material.ts'
import { simpleSigningAnnotations as names } from '../formats/simple-signing.ts'
import type { Found } from './signer.ts'

/** What vouches for a signature, as annotations of a layer of cosign before version 3; sorted, as Go writes the keys of a map. */
export function layerAnnotations(
  { by, entries, timestamps }: Signed,
  own: Readonly<Record<string, string>>,
): NonNullable<Descriptor['annotations']> {
  const [entry] = entries
  const [timestamp] = timestamps
  const annotations = {
    ...own,
    ...(by.kind === 'certificate' ? { [names.certificate]: by.pem, [names.chain]: by.chain } : {}),
    ...(entry === undefined ? {} : { [names.log]: logAnnotation(entry) }),
    ...(timestamp === undefined ? {} : { [names.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: timestamp.toString('base64') }) }),
  }
  return Object.fromEntries(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The same read back, with the signature in question. */
export function foundIn(annotations: NonNullable<Descriptor['annotations']>, signature: Buffer): Found {
  const certificate = annotations[names.certificate]
  return {
    signature,
    by: certificate === undefined ? { hint: '' } : { certificate: derOf(certificate) },
    entries: annotations[names.log] === undefined ? 0 : 1,
    timestamps: annotations[names.timestamp] === undefined ? 0 : 1,
  }
}

function derOf(pem: string): Buffer {
  try {
    return new X509Certificate(pem).raw
  } catch {
    return Buffer.alloc(0)
  }
}

/** What Rekor version 1 answered, as cosign keeps it (cosign, bundle/rekor.go). */
function logAnnotation({ inclusionPromise, canonicalizedBody, integratedTime, logIndex, logId }: Signed['entries'][number]): string {
  return JSON.stringify({
    SignedEntryTimestamp: inclusionPromise?.signedEntryTimestamp ?? '',
    Payload: {
      body: canonicalizedBody,
      integratedTime: Number(integratedTime ?? 0),
      logIndex: Number(logIndex ?? 0),
      logID: Buffer.from(logId.keyId, 'base64').toString('hex'),
    },
  })
}
