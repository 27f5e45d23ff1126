import { pullBytes } from './blobs.ts'
import { blobsAtOnce, type CopyProgress } from './copy-blobs.ts'
import { platformMissing } from './errors.ts'
import { fetchBlob } from './fetch-blob.ts'
import { graphOf } from './graph.ts'
import { addEntry, type Layout } from './layout.ts'
import { hasBlob, type Loaded, readManifest, writeBlob } from './layout-blobs.ts'
import { getManifest } from './manifests.ts'
import { inParallel } from './parallel.ts'
import { formatPlatform, isSamePlatform } from './platform.ts'
import type { Repository } from './registry.ts'
import { parseImageConfig } from './schema.ts'
import { type Descriptor, isForeign, type Platform } from './types.ts'

export interface PullOptions {
  /** Which images of an index; a single image must be for the only one. Default: everything, with the index itself. */
  readonly platforms?: readonly Platform[]
  readonly onProgress?: (progress: CopyProgress) => void
}

/** What a pull brought into the layout. */
export interface Pulled {
  /** What the tag or digest stands for at the registry. */
  readonly descriptor: Descriptor
  /** What was copied and entered in `index.json`: that same, or the image of each platform in the order asked for. */
  readonly images: readonly Descriptor[]
}

/**
 * Copies an image by tag or digest from a repository to a layout, verified while it is read; what the layout has is not fetched.
 * Throws SW-MANIFEST-MISSING, SW-PLATFORM-MISSING, SW-DIGEST-MISMATCH, SW-BLOB-MISSING, SW-REGISTRY-….
 */
export async function copyToLayout(repository: Repository, reference: string, layout: Layout, options: PullOptions = {}): Promise<Pulled> {
  const root = await getManifest(repository, reference)
  const load = (descriptor: Descriptor): Promise<Loaded> => loadManifest(repository, layout, descriptor)
  const images = options.platforms === undefined ? [root.descriptor] : await imagesFor(repository, root, options.platforms)
  const graphs = await Promise.all(
    images.map((image) => graphOf(image, async (descriptor) => (descriptor.digest === root.descriptor.digest ? root : load(descriptor)))),
  )
  const blobs = new Map(graphs.flatMap((graph) => graph.blobs.filter((blob) => !isForeign(blob)).map((blob) => [blob.digest, blob])))
  const total = [...blobs.values()].reduce((sum, blob) => sum + blob.size, 0)
  let done = 0
  await inParallel([...blobs.values()], blobsAtOnce, async (blob) => {
    await fetchBlob(repository, layout, blob)
    done += blob.size
    options.onProgress?.({ done, total })
  })
  for (const { bytes, descriptor } of graphs.flatMap((graph) => graph.manifests)) await writeBlob(layout, bytes, descriptor)
  for (const image of images) await addEntry(layout, image)
  return { descriptor: root.descriptor, images }
}

/** The images of an index for the platforms, or the one image if it is for the only platform. Throws SW-PLATFORM-MISSING. */
async function imagesFor(repository: Repository, root: Loaded, platforms: readonly Platform[]): Promise<readonly Descriptor[]> {
  const offered =
    root.content.kind === 'index' ? root.content.index.manifests : [{ ...root.descriptor, platform: await platformOf(repository, root) }]
  return platforms.map((wanted) => {
    const image = offered.find(({ platform }) => platform !== undefined && isSamePlatform(platform, wanted))
    if (image !== undefined) return image
    const names = offered.flatMap(({ platform }) => (platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)]))
    throw platformMissing(
      `${repository.name}@${root.descriptor.digest} is not for ${formatPlatform(wanted)}, but for ${names.join(', ') || 'no platform that it names'}.`,
    )
  })
}

async function platformOf(repository: Repository, { content, descriptor }: Loaded): Promise<Platform> {
  if (content.kind === 'index') throw new Error('an index has no platform of its own')
  const { config } = content.manifest
  const bytes = await pullBytes(repository, config)
  const { os, architecture, variant } = parseImageConfig(bytes, `The configuration of ${repository.name}@${descriptor.digest}`)
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}

async function loadManifest(repository: Repository, layout: Layout, descriptor: Descriptor): Promise<Loaded> {
  return (await hasBlob(layout, descriptor)) ? readManifest(layout, descriptor) : getManifest(repository, descriptor)
}
