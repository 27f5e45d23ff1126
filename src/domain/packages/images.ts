import type { Digest } from '../../base/digest.ts'
import { chartTypes } from '../chart/chart-types.ts'
import { graphOf } from '../oci/graph.ts'
import { type Layout, resolveEntry } from '../oci/layout.ts'
import { readBlob, readManifest } from '../oci/layout-blobs.ts'
import { formatPlatform } from '../oci/platform.ts'
import { parseImageConfig } from '../oci/schema.ts'
import { type Descriptor, type ImageConfig, type Manifest, mediaTypes } from '../oci/types.ts'
import { noImage } from './errors.ts'

/** An image of one platform, as a layout has it. */
export interface PlatformImage {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** `linux/arm64`. */
  readonly platform: string
}

/**
 * The runnable images of a manifest or index, each once, in the index's order; attestations beside them (of BuildKit) and other
 * artifacts are left out. @throws SW-PACKAGES-NO-IMAGE, SW-LAYOUT-CORRUPT, SW-DIGEST-MISMATCH, SW-MANIFEST-INVALID
 */
export async function imagesOf(layout: Layout, digest?: Digest): Promise<readonly PlatformImage[]> {
  const root = await resolveEntry(layout, digest)
  const { manifests } = await graphOf(root, (descriptor) => readManifest(layout, descriptor))
  const images: PlatformImage[] = []
  for (const { descriptor, content } of manifests) {
    if (content.kind !== 'manifest' || !isImage(content.manifest) || descriptor.platform?.os === 'unknown') continue
    const where = `The configuration of ${descriptor.digest}`
    const config = parseImageConfig(await readBlob(layout, content.manifest.config), where)
    images.push({ descriptor, manifest: content.manifest, config, platform: formatPlatform(descriptor.platform ?? config) })
  }
  if (images.length > 0) return images
  const types = manifests.flatMap(({ content }) => (content.kind === 'manifest' ? [content.manifest.config.mediaType] : []))
  throw withoutImage(`${root.digest} of the layout at ${layout.folder}`, [...new Set(types)])
}

function withoutImage(where: string, types: readonly string[]): Error {
  const found = types.length === 0 ? 'no manifest at all' : types.map((type) => JSON.stringify(type.slice(0, 100))).join(', ')
  return noImage(`${where} has no image that runs, but ${found}.`, {
    hint: types.includes(chartTypes.config)
      ? 'It is a Helm chart, in which nothing is installed: leave this task out of its road.'
      : undefined,
  })
}

function isImage({ config }: Manifest): boolean {
  return config.mediaType === mediaTypes.config || config.mediaType === mediaTypes.dockerConfig
}
