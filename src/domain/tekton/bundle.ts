import type { Digest } from '../../base/digest.ts'
import { tarPieces } from '../../io/tar-writer.ts'
import { addEntry, type Layout } from '../oci/layout.ts'
import { writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { type Descriptor, type ImageConfig, mediaTypes } from '../oci/types.ts'
import { bundleRefused, imageUnpinned } from './errors.ts'
import { unpinnedImages } from './images.ts'
import type { Resource } from './resource.ts'

/** What a bundle says of itself, as annotations (image-spec, annotations.md). */
export interface BundleAbout {
  readonly title: string
  readonly version: string
  /** The URL of the repository that the resources come from. */
  readonly source: string
}

/** What Tekton's resolver reads at most (tektoncd/pipeline, pkg/resolution/resolver/bundle, `MaximumBundleObjects`). */
const most = 20

/**
 * Writes a Tekton bundle into a layout and enters it: a layer for each resource, with the annotations by which the bundle
 * resolver finds it. The same resources in any order give the same digest. @throws SW-BUNDLE-REFUSED, SW-BUNDLE-IMAGE-UNPINNED
 */
export async function writeBundle(layout: Layout, resources: readonly Resource[], about: BundleAbout): Promise<Descriptor> {
  requireFit(resources)
  const layers: Descriptor[] = []
  for (const resource of resources) layers.push(await writeResource(layout, resource))
  const sorted = layers.toSorted((one, other) => (one.digest < other.digest ? -1 : 1))
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, JSON.stringify(configOf(sorted)))) }
  const descriptor = await writeManifest(layout, { schemaVersion: 2, config, layers: sorted, annotations: annotationsOf(about) })
  await addEntry(layout, descriptor)
  return descriptor
}

function requireFit(resources: readonly Resource[]): void {
  if (resources.length === 0 || resources.length > most)
    throw bundleRefused(`A bundle of ${resources.length} resources, expected 1 to ${most}.`)
  const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw bundleRefused(`${twice} is there twice.`)
  for (const resource of resources) {
    const [unpinned] = unpinnedImages(resource)
    if (unpinned !== undefined) {
      throw imageUnpinned(`${resource.kind} ${resource.metadata.name}: ${unpinned}, expected registry/repository:tag@digest.`)
    }
  }
}

/**
 * A tar with the one file that the resolver reads, as JSON: what was checked is what is shipped, whatever another reader
 * would make of the YAML. Not compressed, so that no version of a compressor is in the digest.
 */
async function writeResource(layout: Layout, resource: Resource): Promise<Descriptor> {
  const { apiVersion, kind, metadata } = resource
  const content = Buffer.from(JSON.stringify(resource))
  const file = { path: metadata.name, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: content.length, content } as const
  return {
    mediaType: mediaTypes.layer,
    ...(await writeBlob(layout, tarPieces([file]))),
    annotations: {
      'dev.tekton.image.apiVersion': apiVersion.replace('tekton.dev/', ''),
      'dev.tekton.image.kind': kind.toLowerCase(),
      'dev.tekton.image.name': metadata.name,
    },
  }
}

/** Resources run on no platform; the layers are not compressed, so that each is its own diff id. */
function configOf(layers: readonly Descriptor[]): ImageConfig {
  return {
    created: '1970-01-01T00:00:00Z',
    os: 'unknown',
    architecture: 'unknown',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }): Digest => digest) },
  }
}

function annotationsOf({ source, title, version }: BundleAbout): Readonly<Record<string, string>> {
  const prefix = 'org.opencontainers.image'
  return { [`${prefix}.source`]: source, [`${prefix}.title`]: title, [`${prefix}.version`]: version }
}
