import { type Digest, sha256 } from '../../../base/digest.ts'
import { isLoopback } from '../../../base/loopback.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { findManifest } from '../../oci/manifests.ts'
import type { Repository } from '../../oci/registry.ts'
import { type Descriptor, mediaTypes } from '../../oci/types.ts'
import { names } from '../../provenance/predicate.ts'
import { emptyBlob } from '../formats/bundle.ts'
import type { Predicate } from './predicate-file.ts'
import { predicateKinds } from './predicates.ts'

/** Annotation that BuildKit puts beside its attestations too. */
const predicateAnnotation = 'in-toto.io/predicate-type'
const reference = predicateKinds.find(({ name }) => name === 'reference')

/**
 * Keeps a predicate beside its image as a referrer of its own, and gives one of type reference in its place, with its digest (in-toto,
 * reference.md). Nothing is written where the document is already: its manifest is the same each time.
 */
export async function keepDocument(
  repository: Repository,
  subject: Descriptor,
  { kind, json, origin }: Predicate,
): Promise<{ readonly predicate: Predicate; readonly document: Digest }> {
  const bytes = Buffer.from(json)
  const layer = { mediaType: kind.mediaType, digest: sha256(bytes), size: bytes.length }
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
  if ((await findManifest(repository, document)) === undefined)
    await pushArtifact(repository, { manifest, blobs: [bytes, emptyBlob.bytes] })
  if (reference === undefined) throw new Error('the table of predicates has no reference')
  return { predicate: { kind: reference, json: JSON.stringify(referenceTo(repository, layer, document)), origin }, document }
}

function referenceTo(repository: Repository, { mediaType, digest }: Pick<Descriptor, 'mediaType' | 'digest'>, document: Digest): object {
  const scheme = isLoopback(repository.registry) ? 'http' : 'https'
  const [algorithm = '', hex = ''] = digest.split(':')
  return {
    attester: { id: names },
    references: [
      {
        uri: `oci://${repository.name}@${document}`,
        digest: { [algorithm]: hex },
        downloadLocation: `${scheme}://${repository.registry}/v2/${repository.path}/blobs/${digest}`,
        mediaType,
      },
    ],
  }
}
