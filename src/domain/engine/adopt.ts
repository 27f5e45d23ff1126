import { type Digest, isDigest } from '../../base/digest.ts'
import { type CompressOptions, compress } from '../../io/compress.ts'
import { canonicalJson } from '../build/config.ts'
import { layerTypes } from '../build/layer-writer.ts'
import { graphOf } from '../oci/graph.ts'
import type { Layout } from '../oci/layout.ts'
import { hasBlob, type Loaded, openBlob, readBlob, readManifest, writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { formatPlatform, isSamePlatform } from '../oci/platform.ts'
import { parseImageConfig } from '../oci/schema.ts'
import { type Descriptor, type ImageConfig, isForeign, type Manifest, mediaTypes, type Platform } from '../oci/types.ts'
import { engineResult } from './errors.ts'
import type { MadeImage } from './request.ts'

/** image-spec, annotations.md §Pre-Defined Annotation Keys. */
const basePrefix = 'org.opencontainers.image.base.'
const baseName = `${basePrefix}name`
const baseDigest = `${basePrefix}digest`

export interface AdoptOptions {
  /** Over those that the image has. */
  readonly annotations: Readonly<Record<string, string>>
  readonly compression: CompressOptions
  readonly signal: AbortSignal
  /** Called with each layer's bytes as they are read. */
  readonly onBytes?: (bytes: number) => void
}

/**
 * Copies an image from the layout that another program left into ours, every byte checked. Layers of a single image that the program
 * left uncompressed are compressed as our own are; an index stays what it is with all below it, for its attestations name digests.
 * @throws SW-ENGINE-RESULT, SW-LAYOUT-CORRUPT, SW-DIGEST-MISMATCH, SW-MANIFEST-INVALID
 */
export async function adopt({ layout: from, root }: MadeImage, to: Layout, options: AdoptOptions): Promise<Adopted> {
  const loaded = await readManifest(from, root)
  const { manifests, blobs } = await graphOf(root, (descriptor) => readManifest(from, descriptor))
  const isPlain = manifests.length === 1 && blobs.some(({ mediaType }) => mediaType === mediaTypes.layer)
  const settled = isPlain ? await settleConfig(from, loaded) : undefined
  const packed = new Map<Digest, Descriptor>()
  for (const blob of blobs) {
    options.signal.throwIfAborted()
    if (isPlain && blob.mediaType === mediaTypes.layer) packed.set(blob.digest, await pack(from, blob, { to, ...options }))
    else if (blob.digest === settled?.replaces) packed.set(blob.digest, { ...blob, ...(await writeBlob(to, settled.text)) })
    else if (!isForeign(blob) && !(await hasBlob(to, blob))) await writeBlob(to, openBlob(from, blob), blob)
  }
  for (const { bytes, descriptor } of manifests) {
    if (descriptor.digest !== root.digest) await writeBlob(to, bytes, descriptor)
  }
  return { descriptor: await rewrite(loaded, to, { packed, annotations: options.annotations }), isPacked: isPlain }
}

export interface Adopted {
  /** What the image is now. */
  readonly descriptor: Descriptor
  /** Whether layers were compressed here. */
  readonly isPacked: boolean
}

/** The configurations of an image or of all images of an index, in order; attestations are none. */
export async function imagesOf(layout: Layout, root: Descriptor): Promise<readonly AdoptedImage[]> {
  const { content } = await readManifest(layout, root)
  const images: AdoptedImage[] = []
  if (content.kind === 'manifest') {
    const bytes = await readBlob(layout, content.manifest.config)
    const config = parseImageConfig(bytes, `the configuration of ${root.digest}`)
    requireLayers(root, content.manifest, config)
    return [{ descriptor: root, manifest: content.manifest, config }]
  }
  for (const child of content.index.manifests) {
    if (child.annotations?.['vnd.docker.reference.type'] === undefined) images.push(...(await imagesOf(layout, child)))
  }
  return images
}

export interface AdoptedImage {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
}

/** @throws SW-ENGINE-RESULT when the images are not for the platforms asked for */
export function requirePlatforms(images: readonly AdoptedImage[], platforms: readonly Platform[]): void {
  const has = images.map(({ config }) => formatPlatform(config)).join(', ') || 'none'
  const missing = platforms.find((platform) => !images.some(({ config }) => isSamePlatform(config, platform)))
  if (missing === undefined && images.length === platforms.length) return
  throw engineResult(`The engine made an image for ${has}, expected ${platforms.map(formatPlatform).join(', ')}.`, {
    hint: 'The base image may have been pulled for another platform; name it by the digest of its index.',
  })
}

async function pack(
  from: Layout,
  tar: Descriptor,
  { to, compression, signal, onBytes }: AdoptOptions & { readonly to: Layout },
): Promise<Descriptor> {
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of openBlob(from, tar)) {
      signal.throwIfAborted()
      onBytes?.(piece.length)
      yield piece
    }
  }
  const written = await writeBlob(to, compress(watched(), compression))
  return { mediaType: layerTypes[compression.algorithm], ...written }
}

interface Changes {
  readonly packed: ReadonlyMap<Digest, Descriptor>
  readonly annotations: Readonly<Record<string, string>>
}

/** The same bytes, unless a layer has another digest now or the annotations are others. */
async function rewrite({ descriptor, bytes, content }: Loaded, to: Layout, { packed, annotations }: Changes): Promise<Descriptor> {
  if (packed.size === 0 && Object.keys(annotations).length === 0) {
    await writeBlob(to, bytes, descriptor)
    const { mediaType, digest, size } = descriptor
    return { mediaType, digest, size }
  }
  if (content.kind === 'index') return writeManifest(to, { ...content.index, ...annotated(content.index, annotations) })
  const { manifest } = content
  const layers = manifest.layers.map((layer) => packed.get(layer.digest) ?? layer)
  return writeManifest(to, {
    ...manifest,
    config: packed.get(manifest.config.digest) ?? manifest.config,
    layers,
    ...annotated(manifest, annotations),
  })
}

/** Sorted, as everywhere. Of a base without a name, which is another stage of the same build, nothing is told. */
function annotated(
  { annotations: own = {} }: Pick<Manifest, 'annotations'>,
  added: Readonly<Record<string, string>>,
): Pick<Manifest, 'annotations'> {
  const kept = Object.entries(own).filter(([name]) => own[baseName] !== '' || !name.startsWith(basePrefix))
  const merged = { ...Object.fromEntries(kept), ...added }
  const all = Object.entries({ ...merged, ...pinnedBase(merged) }).sort(([a], [b]) => (a < b ? -1 : 1))
  return all.length === 0 ? {} : { annotations: Object.fromEntries(all) }
}

/** The digest that the base's name has: buildah notes that of any image in its store with the same content. */
function pinnedBase({ [baseName]: name = '' }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const digest = name.slice(name.indexOf('@') + 1)
  return isDigest(digest) ? { [baseDigest]: digest } : {}
}

interface Settled {
  readonly replaces: Digest
  readonly text: string
}

/**
 * The configuration of an image whose layers are plain, without the comments by which buildah says what it took for the base: any
 * image of its store with the same content. @throws SW-ENGINE-RESULT when a layer is not the diff ID of its place
 */
async function settleConfig(from: Layout, { descriptor, content }: Loaded): Promise<Settled | undefined> {
  if (content.kind === 'index') return undefined
  const { config, layers } = content.manifest
  const settings = parseImageConfig(await readBlob(from, config), `the configuration of ${descriptor.digest}`)
  requireDiffIds(descriptor, layers, settings)
  const { history = [] } = settings
  if (!history.some(isComment)) return undefined
  const plain = history.map(({ comment, ...entry }) =>
    isComment({ comment }) ? entry : { ...entry, ...(comment === undefined ? {} : { comment }) },
  )
  return { replaces: config.digest, text: canonicalJson({ ...settings, history: plain }) }
}

function isComment({ comment }: { readonly comment?: string | undefined }): boolean {
  return comment?.startsWith('FROM ') === true
}

/** A plain layer is its own diff ID (image-spec, config.md §Layer DiffID). */
function requireDiffIds({ digest }: Descriptor, layers: readonly Descriptor[], { rootfs }: ImageConfig): void {
  const wrong = layers.findIndex((layer, index) => layer.mediaType === mediaTypes.layer && rootfs.diff_ids[index] !== layer.digest)
  if (wrong < 0) return
  throw engineResult(
    `Layer ${wrong + 1} of ${digest} is ${layers[wrong]?.digest}; its configuration says ${rootfs.diff_ids[wrong] ?? 'nothing'}.`,
  )
}

/** @throws SW-ENGINE-RESULT */
function requireLayers({ digest }: Descriptor, { layers }: Manifest, { rootfs }: ImageConfig): void {
  if (layers.length === rootfs.diff_ids.length) return
  throw engineResult(`${digest} has ${layers.length} layers, and its configuration names ${rootfs.diff_ids.length}.`)
}
