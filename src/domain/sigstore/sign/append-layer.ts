import type { Digest } from '../../../base/digest.ts'
import { sha256 } from '../../../base/digest.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { pushNotVerified } from '../../oci/errors.ts'
import { findManifest } from '../../oci/manifests.ts'
import { letOthersWrite, oneAtATime } from '../../oci/one-at-a-time.ts'
import type { Repository } from '../../oci/registry.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../../oci/types.ts'
import { simpleSigningConfig } from '../formats/simple-signing.ts'

const attempts = 6
/** What cosign reads under one tag. */
const mostLayers = 1000

/** A layer that is to be among those of a tag of cosign before version 3: a signature, or an attestation. */
export interface Appended {
  readonly tag: string
  /** Whether a layer that is there is the same one of the same signer. */
  isOwn(layer: Descriptor): Promise<boolean>
  /** Signs; asked for once, and only when there is none. */
  make(): Promise<Made>
}

export interface Made {
  readonly layer: Descriptor
  readonly bytes: Buffer
  readonly log?: string | undefined
}

/** Where the layer is now. */
export interface Kept {
  /** Of the manifest that the tag names. */
  readonly manifest: Digest
  readonly layer: Digest
  readonly present: boolean
  readonly log?: string | undefined
}

/**
 * Appends a layer under a tag, beside those of others. The tag is read again after each write, and again when a write from elsewhere could
 * have landed on it: of two writers at once the one whose layer is gone writes again.
 */
export async function appendLayer(repository: Repository, { tag, isOwn, make }: Appended): Promise<Kept> {
  return oneAtATime(repository, `tag ${tag}`, async () => {
    let made: Made | undefined
    let isFresh = false
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = await layersAt(repository, tag)
      const own = await firstOf(before.layers, async (layer) => isMade(layer, made) || isOwn(layer))
      if (own !== undefined && before.digest !== undefined) {
        if (isFresh && (await letOthersWrite(repository))) {
          isFresh = false
          continue
        }
        return { manifest: before.digest, layer: own.digest, present: made === undefined, log: made?.log }
      }
      if (before.layers.length >= mostLayers) break
      if (attempt > 0) await repository.clock.sleep(50 * 2 ** attempt * Math.random())
      made ??= await make()
      await write(repository, { tag, layers: [...before.layers, made.layer], bytes: made.bytes })
      isFresh = true
    }
    throw pushNotVerified(`${repository.name}: the signature does not stay under tag ${tag}; it may hold ${mostLayers} already.`)
  })
}

async function firstOf(layers: readonly Descriptor[], isOwn: Appended['isOwn']): Promise<Descriptor | undefined> {
  for (const layer of layers) if (await isOwn(layer)) return layer
  return undefined
}

/** What was just made is known even where it lacks what a whole one would have: a tag holds one log entry, and a config may ask for two. */
function isMade({ digest, annotations }: Descriptor, made: Made | undefined): boolean {
  if (made?.layer.digest !== digest) return false
  return Object.entries(made.layer.annotations ?? {}).every(([name, value]) => annotations?.[name] === value)
}

async function layersAt(
  repository: Repository,
  tag: string,
): Promise<{ readonly layers: readonly Descriptor[]; readonly digest?: Descriptor['digest'] }> {
  const found = await findManifest(repository, tag)
  if (found?.content.kind !== 'manifest') return { layers: [] }
  return { layers: found.content.manifest.layers, digest: found.descriptor.digest }
}

/** The order of the fields is cosign's, so that the same signatures make the same bytes. */
async function write(
  repository: Repository,
  { tag, layers, bytes }: { readonly tag: string; readonly layers: readonly Descriptor[]; readonly bytes: Buffer },
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
  await pushArtifact(repository, { manifest, blobs: [config.bytes, bytes] }, tag)
}
