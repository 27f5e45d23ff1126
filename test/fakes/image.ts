import { addEntry, type Layout } from '../../src/domain/oci/layout.ts'
import { type Loaded, readManifest, writeBlob, writeManifest } from '../../src/domain/oci/layout-blobs.ts'
import { type Descriptor, mediaTypes, type Platform } from '../../src/domain/oci/types.ts'

/** A small image in a layout, entered in its index: a configuration for the platform, and one layer per content. */
export async function writeImage(
  layout: Layout,
  contents: readonly (string | Buffer)[] = ['layer'],
  { platform = { os: 'linux', architecture: 'amd64' }, entered = true }: { platform?: Platform; entered?: boolean } = {},
): Promise<Loaded> {
  const layers: Descriptor[] = []
  for (const content of contents) layers.push({ mediaType: mediaTypes.layerGzip, ...(await writeBlob(layout, content)) })
  const settings = { ...platform, rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } }
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, JSON.stringify(settings))) }
  const descriptor = await writeManifest(layout, { schemaVersion: 2, config, layers })
  if (entered) await addEntry(layout, descriptor)
  return readManifest(layout, descriptor)
}

/** An index over images for several platforms that share their first layer. */
export async function writeIndex(
  layout: Layout,
  architectures: readonly string[] = ['amd64', 'arm64'],
  pack: (content: string) => string | Buffer = (content) => content,
): Promise<Loaded> {
  const manifests: Descriptor[] = []
  for (const architecture of architectures) {
    const platform = { os: 'linux', architecture }
    const { descriptor } = await writeImage(layout, [pack('shared'), pack(architecture)], { platform, entered: false })
    manifests.push({ ...descriptor, platform })
  }
  const descriptor = await writeManifest(layout, { schemaVersion: 2, manifests })
  await addEntry(layout, descriptor)
  return readManifest(layout, descriptor)
}

/** Something that refers to an image, such as its signature. */
export async function writeReferrer(layout: Layout, subject: Descriptor, { type = 'x/signature', note = '' } = {}): Promise<Loaded> {
  const config = { mediaType: mediaTypes.empty, ...(await writeBlob(layout, '{}')) }
  const { mediaType, digest, size } = subject
  const descriptor = await writeManifest(layout, {
    schemaVersion: 2,
    artifactType: type,
    config,
    layers: [config],
    subject: { mediaType, digest, size },
    annotations: { note },
  })
  await addEntry(layout, descriptor)
  return readManifest(layout, descriptor)
}
