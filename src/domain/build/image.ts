import { type Digest, sha256 } from '../../base/digest.ts'
import type { Layout } from '../oci/layout.ts'
import { writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { type ContainerConfig, type Descriptor, type Manifest, mediaTypes, type Platform } from '../oci/types.ts'
import type { Base } from './base.ts'
import { canonicalJson, imageConfig } from './config.ts'
import type { LayerPlan } from './layer-plan.ts'
import { type LayerOptions, type WrittenLayer, writeLayer } from './layer-writer.ts'

/** One layer of an image in the layout, for tables. */
export interface ImageLayer {
  readonly name: string
  readonly digest: Digest
  /** In bytes, compressed. */
  readonly size: number
  /** Files and links; undefined for a layer of a base image, which was not opened. */
  readonly files?: number
  /** Repository where it stays, `registry/repository`; undefined: it is in the layout. */
  readonly at?: string
}

/** An image for one platform. */
export interface PlatformImage {
  readonly platform: Platform
  /** Of its manifest. */
  readonly descriptor: Descriptor
  /** The base's first. */
  readonly layers: readonly ImageLayer[]
  /** In bytes: configuration and layers, as a pull transfers them. */
  readonly size: number
}

export interface ImageParts {
  readonly platform: Platform
  readonly base: Base
  readonly plans: readonly LayerPlan[]
  readonly container: ContainerConfig
  readonly annotations: Readonly<Record<string, string>>
  /** Seconds since 1970. */
  readonly created: number
}

/** Writes layers; each only once, where several platforms share them. */
export class LayerStore {
  readonly layout: Layout
  readonly #options: LayerOptions
  readonly #isShared: boolean
  readonly #written = new Map<Digest, WrittenLayer>()

  constructor(layout: Layout, options: LayerOptions, isShared: boolean) {
    this.layout = layout
    this.#options = options
    this.#isShared = isShared
  }

  async write({ entries }: LayerPlan): Promise<WrittenLayer> {
    if (!this.#isShared) return writeLayer(this.layout, entries, this.#options)
    const key = sha256(JSON.stringify(entries))
    const known = this.#written.get(key)
    if (known !== undefined) return known
    const written = await writeLayer(this.layout, entries, this.#options)
    this.#written.set(key, written)
    return written
  }
}

/** Writes the image of one platform: layers, then configuration, then manifest. `index.json` does not know of it yet. */
export async function writeImage(store: LayerStore, parts: ImageParts): Promise<PlatformImage> {
  const { platform, base, plans } = parts
  await base.copyLayers?.(store.layout)
  const own = [...base.plans, ...plans]
  const written: WrittenLayer[] = []
  for (const plan of own) written.push(await store.write(plan))
  const { config, manifest } = assembleImage(parts, written)
  await writeBlob(store.layout, config, manifest.config)
  const descriptor = await writeManifest(store.layout, manifest)
  return {
    platform,
    descriptor,
    layers: [
      ...base.layers.map(({ digest, size }, index) => ({
        ...{ name: `base ${index + 1}`, digest, size },
        ...(base.layersAt === undefined ? {} : { at: base.layersAt }),
      })),
      ...written.map(({ descriptor: { digest, size } }, index) => ({
        name: own[index]?.name ?? '',
        digest,
        size,
        files: filesIn(own[index]),
      })),
    ],
    size: [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
  }
}

/** The configuration and the manifest of an image whose own layers are known. */
export function assembleImage(
  { platform, base, plans, container, annotations, created }: ImageParts,
  written: readonly WrittenLayer[],
): { readonly config: string; readonly manifest: Manifest & { readonly mediaType: string } } {
  const own = [...base.plans, ...plans]
  const layers = written.map(({ diffId }, index) => ({ diffId, createdBy: `slipway build: ${own[index]?.name}` }))
  const config = canonicalJson(imageConfig({ platform, base: base.config, container, layers, created }))
  return {
    config,
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: sha256(config), size: Buffer.byteLength(config) },
      layers: [...base.layers, ...written.map(({ descriptor }) => descriptor)],
      ...annotated(annotations),
    },
  }
}

/** Writes an index over the images of several platforms, in the order given. */
export async function writeIndex(
  layout: Layout,
  images: readonly PlatformImage[],
  annotations: Readonly<Record<string, string>>,
): Promise<Descriptor> {
  return writeManifest(layout, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map(({ descriptor, platform }) => ({ ...descriptor, platform })),
    ...annotated(annotations),
  })
}

/** Files and links of a layer. */
export function filesIn(plan: LayerPlan | undefined): number {
  return plan?.entries.filter(({ kind }) => kind !== 'directory').length ?? 0
}

function annotated(annotations: Readonly<Record<string, string>>): Pick<Manifest, 'annotations'> {
  const entries = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) }
}
