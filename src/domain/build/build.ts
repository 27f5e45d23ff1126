import { encoderId } from '../../io/compress.ts'
import { addEntry, createLayout, type Layout } from '../oci/layout.ts'
import { blobsOf, removeAbandoned, removeOutdated } from '../oci/layout-garbage.ts'
import { withSource } from '../oci/layout-sources.ts'
import { nameOfBase } from './base.ts'
import { type ImageParts, LayerStore, type PlatformImage, writeImage, writeIndex } from './image.ts'
import { contentSize } from './layer-writer.ts'
import { annotationsOf } from './metadata.ts'
import { prepareImage } from './prepare.ts'
import type { BuildPorts, BuildRequest, BuiltImage } from './request.ts'

/** Under which name the layout's `index.json` lists what was built last. */
export const layoutTag = 'latest'

/**
 * Builds an image for each platform into an OCI layout. The same files, settings and base give the same digest, whatever
 * the machine's clock, locale, umask or number of processors. `index.json` learns of the image when all of it is there:
 * a build that was killed leaves whole blobs, and the next one completes the layout.
 */
export async function buildImage(request: BuildRequest, ports: BuildPorts): Promise<BuiltImage> {
  const { plan, base, parts, credentials } = await prepareImage(request, ports)
  const layout = await createLayout(request.layout)
  await removeAbandoned(layout, ports.clock.now())
  const before = new Set(await blobsOf(layout))
  const images = await writeAll(layout, parts, { ...ports, compression: request.compression })
  const rootDigest = parts[0]?.base.rootDigest
  const [only, ...more] = images
  const descriptor =
    only !== undefined && more.length === 0 ? only.descriptor : await writeIndex(layout, images, annotationsOf(request, base, rootDigest))
  await addEntry(layout, withSource(descriptor, base.kind === 'image' ? base.layersAt : undefined), layoutTag)
  // What cannot be removed now is tried again by the next build.
  await removeOutdated(layout, ports.clock.now()).catch(() => undefined)
  return {
    descriptor,
    images,
    plan,
    base: { name: nameOfBase(base), ...(rootDigest === undefined ? {} : { digest: rootDigest }) },
    before,
    encoder: encoderId(request.compression ?? { algorithm: 'gzip' }),
    credentials,
  }
}

async function writeAll(
  layout: Layout,
  parts: readonly ImageParts[],
  { progress, signal, cache, http, compression }: BuildPorts & Pick<BuildRequest, 'compression'>,
): Promise<readonly PlatformImage[]> {
  const total = parts.flatMap(({ base, plans }) => [...base.plans, ...plans]).reduce((sum, { entries }) => sum + contentSize(entries), 0)
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    progress.doing('packing layers', { done: Math.min(done, total), total, unit: 'bytes' })
  }
  const store = new LayerStore(layout, { signal, onBytes, cache, http, compression }, parts.length > 1)
  const images: PlatformImage[] = []
  // One after the other: compression has all processors already.
  for (const part of parts) images.push(await writeImage(store, part))
  await cache?.trim()
  return images
}
