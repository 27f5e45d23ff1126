import type { Digest } from '../../../base/digest.ts'
import { sha256 } from '../../../base/digest.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../../oci/types.ts'

/** Media type of the bundles that we write, as artifactType of the manifest and as type of its one layer (sigstore, BUNDLE_SPEC.md). */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** Annotations of a manifest that carries a bundle. */
export const bundleAnnotations = {
  created: 'org.opencontainers.image.created',
  content: 'dev.sigstore.bundle.content',
  predicateType: 'dev.sigstore.bundle.predicateType',
} as const

/** The configuration of an artifact that has none: the blob `{}` (image-spec, manifest.md §Guidance for an Empty Descriptor). */
export const emptyBlob = { bytes: Buffer.from('{}'), mediaType: mediaTypes.empty, digest: sha256('{}'), size: 2 } as const

/** Whether a media type is one of a bundle, of any version that is in use. */
export function isBundleType(mediaType: string | undefined): boolean {
  return mediaType === bundleMediaType || /^application\/vnd\.dev\.sigstore\.bundle\+json;version=0\.[123]$/.test(mediaType ?? '')
}

export interface BundleContent {
  /** The bundle as it is uploaded. */
  readonly bundle: { readonly digest: Digest; readonly size: number }
  /** What it is about. */
  readonly subject: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>
  /** `predicateType` of the in-toto statement in its envelope. */
  readonly predicateType: string
  /** RFC 3339. */
  readonly created: string
}

/** The manifest that refers a bundle with a DSSE envelope to its subject (OCI 1.1, as cosign from version 3 writes it). */
export function bundleManifest({ bundle, subject, predicateType, created }: BundleContent): Manifest & { readonly mediaType: string } {
  const { mediaType, digest, size } = subject
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: bundleMediaType,
    config: { mediaType: emptyBlob.mediaType, digest: emptyBlob.digest, size: emptyBlob.size },
    layers: [{ mediaType: bundleMediaType, digest: bundle.digest, size: bundle.size }],
    subject: { mediaType, digest, size },
    annotations: {
      [bundleAnnotations.created]: created,
      [bundleAnnotations.content]: 'dsse-envelope',
      [bundleAnnotations.predicateType]: predicateType,
    },
  }
}
