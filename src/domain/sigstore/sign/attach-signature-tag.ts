import { X509Certificate } from 'node:crypto'
import { sha256 } from '../../../base/digest.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { pushNotVerified } from '../../oci/errors.ts'
import { findManifest } from '../../oci/manifests.ts'
import { letOthersWrite, oneAtATime } from '../../oci/one-at-a-time.ts'
import type { Repository } from '../../oci/registry.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../../oci/types.ts'
import type { Signed } from '../formats/material.ts'
import {
  simpleSigningAnnotations as names,
  signatureTag,
  simpleSigningConfig,
  simpleSigningMediaType,
  simpleSigningPayload,
} from '../formats/simple-signing.ts'
import type { Attached } from './attach-bundle.ts'
import type { Signer, ToSign } from './signer.ts'

const attempts = 6
/** What cosign reads under one tag. */
const mostSignatures = 1000

/**
 * Signs a manifest and appends the signature under its `.sig` tag, beside those of others. One of the same signer that is there already
 * is left alone. The tag is read again after each write, and again when a write from elsewhere could have landed on it: of two writers at
 * once the one whose layer is gone writes again.
 */
export async function attachSignatureTag(repository: Repository, subject: Descriptor, signer: Signer): Promise<Attached> {
  const tag = signatureTag(subject.digest)
  return oneAtATime(repository, `tag ${tag}`, async () => {
    const what: ToSign = { form: 'legacy', payload: simpleSigningPayload(repository.name, subject.digest) }
    let signed: Signed | undefined
    let isFresh = false
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = await layersAt(repository, tag)
      const own = before.layers.find((layer) => isOwn(layer, what, signer))
      if (own !== undefined && before.digest !== undefined) {
        if (isFresh && (await letOthersWrite(repository))) {
          isFresh = false
          continue
        }
        return { digest: before.digest, present: signed === undefined, log: signed?.entries[0]?.logIndex }
      }
      if (before.layers.length >= mostSignatures) break
      if (attempt > 0) await repository.clock.sleep(50 * 2 ** attempt * Math.random())
      signed ??= await signer.sign(what)
      await write(repository, { tag, layers: [...before.layers, layerOf(what.payload, signed)], payload: what.payload })
      isFresh = true
    }
    throw pushNotVerified(`${repository.name}: the signature does not stay under tag ${tag}; it may hold ${mostSignatures} already.`)
  })
}

async function layersAt(
  repository: Repository,
  tag: string,
): Promise<{ readonly layers: readonly Descriptor[]; readonly digest?: Descriptor['digest'] }> {
  const found = await findManifest(repository, tag)
  if (found?.content.kind !== 'manifest') return { layers: [] }
  return { layers: found.content.manifest.layers, digest: found.descriptor.digest }
}

/** The payload is the same each time, so its digest tells whether a layer is about it. */
function isOwn({ mediaType, digest, annotations = {} }: Descriptor, what: ToSign, signer: Signer): boolean {
  const signature = annotations[names.signature]
  if (mediaType !== simpleSigningMediaType || digest !== sha256(what.payload) || signature === undefined) return false
  const certificate = annotations[names.certificate]
  return signer.isOwn(what, {
    signature: Buffer.from(signature, 'base64'),
    by: certificate === undefined ? { hint: '' } : { certificate: derOf(certificate) },
    entries: annotations[names.log] === undefined ? 0 : 1,
    timestamps: annotations[names.timestamp] === undefined ? 0 : 1,
  })
}

function derOf(pem: string): Buffer {
  try {
    return new X509Certificate(pem).raw
  } catch {
    return Buffer.alloc(0)
  }
}

/** The order of the fields is cosign's, so that the same signatures make the same bytes. */
async function write(
  repository: Repository,
  { tag, layers, payload }: { readonly tag: string; readonly layers: readonly Descriptor[]; readonly payload: Buffer },
): Promise<void> {
  const config = simpleSigningConfig(layers.map(({ digest }) => digest))
  const manifest: Manifest & { readonly mediaType: string } = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: config.mediaType, size: config.bytes.length, digest: sha256(config.bytes) },
    layers: layers.map(({ mediaType, size, digest, annotations }) => ({
      ...{ mediaType, size, digest },
      ...(annotations === undefined ? {} : { annotations }),
    })),
  }
  await pushArtifact(repository, { manifest, blobs: [config.bytes, payload] }, tag)
}

function layerOf(payload: Buffer, { signature, by, entries, timestamps }: Signed): Descriptor {
  const [entry] = entries
  const [timestamp] = timestamps
  const annotations = {
    [names.signature]: signature.toString('base64'),
    ...(by.kind === 'certificate' ? { [names.certificate]: by.pem, [names.chain]: by.chain } : {}),
    ...(entry === undefined ? {} : { [names.log]: logAnnotation(entry) }),
    ...(timestamp === undefined ? {} : { [names.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: timestamp.toString('base64') }) }),
  }
  // Go writes the keys of a map in order.
  const sorted = Object.fromEntries(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { mediaType: simpleSigningMediaType, size: payload.length, digest: sha256(payload), annotations: sorted }
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
