import { algorithmOf, type Digest, hexOf, sha256 } from '../../../base/digest.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import { type Descriptor, mediaTypes } from '../../oci/types.ts'
import { names } from '../../provenance/predicate.ts'
import { emptyBlob } from '../formats/bundle.ts'
import type { Predicate } from './predicate-file.ts'
import { referenceKind } from './predicates.ts'

/** Annotation that BuildKit puts beside its attestations too. */
export const predicateAnnotation = 'in-toto.io/predicate-type'
/** By which programs that fetch artifacts name the file (image-spec, annotations.md). */
const titleAnnotation = 'org.opencontainers.image.title'

/**
 * Keeps a predicate beside its image as a referrer of its own, and gives one of type reference in its place, with its digest (in-toto,
 * reference.md). Nothing is written where the document is listed already: its manifest is the same each time.
 */
export async function keepDocument(
  repository: Repository,
  subject: Descriptor,
  { kind, json, origin }: Predicate,
): Promise<{ readonly predicate: Predicate; readonly document: Digest }> {
  const bytes = Buffer.from(json)
  const title = `${kind.name.includes(':') ? 'predicate' : kind.name}.json`
  const layer = { mediaType: kind.mediaType, digest: sha256(bytes), size: bytes.length, annotations: { [titleAnnotation]: title } }
  const manifest = {
    schemaVersion: 2 as const,
    mediaType: mediaTypes.manifest,
    artifactType: kind.mediaType,
    config: { mediaType: emptyBlob.mediaType, digest: emptyBlob.digest, size: emptyBlob.size },
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations: { [predicateAnnotation]: kind.type },
  }
  const document = sha256(JSON.stringify(manifest))
  // A run that was ended before the list had it may have left the manifest, which nothing then keeps.
  const listed = await listReferrers(repository, subject.digest)
  if (!listed.some(({ digest }) => digest === document)) await pushArtifact(repository, { manifest, blobs: [bytes, emptyBlob.bytes] })
  return { predicate: { kind: referenceKind, json: JSON.stringify(referenceTo(repository, layer, document)), origin }, document }
}

function referenceTo(repository: Repository, { mediaType, digest }: Pick<Descriptor, 'mediaType' | 'digest'>, document: Digest): object {
  const reference = {
    digest: { [algorithmOf(digest)]: hexOf(digest) },
    downloadLocation: `oci://${repository.name}@${document}`,
    mediaType,
  }
  return { attester: { id: names }, references: [reference] }
}
