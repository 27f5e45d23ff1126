import type { Digest } from '../../base/digest.ts'
import { formatReference, type Reference } from '../../base/reference.ts'
import { pullBytes } from '../oci/blobs.ts'
import { blobsAtOnce } from '../oci/copy-blobs.ts'
import { layoutMissing, manifestMissing } from '../oci/errors.ts'
import { fetchBlob } from '../oci/fetch-blob.ts'
import { entriesOf, type Layout, nameOf, openLayout, resolveEntry } from '../oci/layout.ts'
import { hasBlob, type Loaded, openBlob, readBlob, readManifest, writeBlob } from '../oci/layout-blobs.ts'
import { sourceOf, sourcesOf } from '../oci/layout-sources.ts'
import { getManifest } from '../oci/manifests.ts'
import { inParallel } from '../oci/parallel.ts'
import type { Registry, Repository } from '../oci/registry.ts'
import { type Descriptor, isForeign } from '../oci/types.ts'
import { baseMissing } from './errors.ts'

/** Where a base image comes from: a repository, or a layout. */
export interface ImageSource {
  /** The manifest or index that the name stands for. */
  readonly root: Descriptor
  load(descriptor: Descriptor): Promise<Loaded>
  /** A small blob whole. */
  read(blob: Descriptor): Promise<Buffer>
  /** Copies blobs into a layout, verified; those that are there already are not copied. */
  copyBlobs(blobs: readonly Descriptor[], layout: Layout): Promise<void>
}

/** An image at a registry. @throws SW-BUILD-BASE-MISSING, SW-REGISTRY-… */
export async function repositorySource(repository: Repository, reference: Reference): Promise<ImageSource> {
  const root = await getManifest(repository, reference.digest ?? reference.tag ?? 'latest').catch((cause: unknown) => {
    throw manifestMissing.is(cause)
      ? baseMissing(`The base ${formatReference(reference)} is not there: ${cause.message}`, { cause })
      : cause
  })
  return {
    root: root.descriptor,
    load: async (descriptor) => (descriptor.digest === root.descriptor.digest ? root : getManifest(repository, descriptor)),
    read: (blob) => pullBytes(repository, blob),
    copyBlobs: (blobs, layout) => inParallel(ours(blobs), blobsAtOnce, (blob) => fetchBlob(repository, layout, blob)),
  }
}

/**
 * An image of a layout: by the name that its `index.json` has, by digest, or its only one. Layers that it leaves out come from where
 * it says that they are. @throws SW-BUILD-BASE-MISSING, SW-LAYOUT-CORRUPT
 */
export async function layoutSource(
  folder: string,
  which: { readonly name?: string; readonly digest?: Digest },
  connect: (registry: string) => Registry,
): Promise<ImageSource> {
  try {
    const from = await openLayout(folder)
    return {
      root: await entryOf(from, which),
      load: (descriptor) => readManifest(from, descriptor),
      read: (blob) => readBlob(from, blob),
      copyBlobs: (blobs, layout) =>
        inParallel(ours(blobs), blobsAtOnce, async (blob) => copyBlob(from, blob, { layout, sources: await sourcesOf(from, connect) })),
    }
  } catch (cause) {
    throw layoutMissing.is(cause) || manifestMissing.is(cause)
      ? baseMissing(`The base oci:${folder} is not there: ${cause.message}`, { cause })
      : cause
  }
}

async function entryOf(from: Layout, { name, digest }: { readonly name?: string; readonly digest?: Digest }): Promise<Descriptor> {
  if (name === undefined) return resolveEntry(from, digest)
  const entries = await entriesOf(from)
  const entry = entries.find((candidate) => nameOf(candidate) === name)
  if (entry !== undefined) return entry
  const names = entries.map(nameOf).filter((known) => known !== undefined)
  throw manifestMissing(`the layout has no image named ${JSON.stringify(name)}; it has ${names.join(', ') || 'none with a name'}.`)
}

/** A foreign layer is fetched by whoever runs the image, from where its descriptor says. */
function ours(blobs: readonly Descriptor[]): readonly Descriptor[] {
  return blobs.filter((blob) => !isForeign(blob))
}

async function copyBlob(
  from: Layout,
  blob: Descriptor,
  { layout, sources }: { readonly layout: Layout; readonly sources: readonly Repository[] },
): Promise<void> {
  if (await hasBlob(layout, blob)) return
  const source = (await hasBlob(from, blob)) ? undefined : await sourceOf(blob, sources)
  if (source === undefined) await writeBlob(layout, openBlob(from, blob), blob)
  else await fetchBlob(source, layout, blob)
}
