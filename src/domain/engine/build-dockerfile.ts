import { isDigest } from '../../base/digest.ts'
import { encoderId } from '../../io/compress.ts'
import type { Clock } from '../../spec/ports.ts'
import { layoutTag } from '../build/build.ts'
import { type ImageLayer, type PlatformImage, writeIndex } from '../build/image.ts'
import type { BuiltImage } from '../build/request.ts'
import { addEntry, createLayout } from '../oci/layout.ts'
import { blobsOf, removeAbandoned, removeOutdated } from '../oci/layout-garbage.ts'
import type { Descriptor } from '../oci/types.ts'
import { type AdoptedImage, adopt, imagesOf, requirePlatforms } from './adopt.ts'
import type { DockerfileRequest, Engine, EnginePorts, ImageBase, MadeImage } from './request.ts'
import { withoutState } from './without-state.ts'

/** An image that another program made, in our layout. */
export interface TakenImage extends Pick<BuiltImage, 'descriptor' | 'images' | 'before' | 'encoder'> {
  readonly base?: ImageBase | undefined
  readonly plan?: never
}

export type TakePorts = Pick<EnginePorts, 'progress' | 'signal'> & { readonly clock: Pick<Clock, 'now'> }

/** Builds a Dockerfile with an engine and takes the result into a layout, where it is as a native build would have left it. */
export async function buildDockerfile(
  engine: Engine,
  request: DockerfileRequest & { readonly layout: string },
  ports: EnginePorts & TakePorts,
): Promise<TakenImage> {
  const folder = await ports.files.temporary('engine')
  const made = await engine.build(await withoutState(request, engine.name, folder), folder)
  return takeImage(made, request, ports)
}

/** Takes images that other programs made into a layout: all of one index, or several that become one. @throws SW-ENGINE-RESULT, SW-LAYOUT-… */
export async function takeImage(
  made: readonly MadeImage[],
  request: Pick<DockerfileRequest, 'annotations' | 'compression'> & {
    readonly layout: string
    readonly platforms?: DockerfileRequest['platforms']
  },
  { progress, signal, clock }: TakePorts,
): Promise<TakenImage> {
  progress.doing('checking and packing layers')
  const layout = await createLayout(request.layout)
  await removeAbandoned(layout, clock.now())
  const before = new Set(await blobsOf(layout))
  const roots: Descriptor[] = []
  let encoder: string | undefined
  for (const image of made) {
    const { descriptor, isPacked } = await adopt(image, layout, { ...request, signal })
    roots.push(descriptor)
    if (isPacked) encoder = encoderId(request.compression)
  }
  const adopted = (await Promise.all(roots.map((root) => imagesOf(layout, root)))).flat()
  if (request.platforms !== undefined) requirePlatforms(adopted, request.platforms)
  const images = adopted.map(asImage)
  const [only, ...more] = roots
  const descriptor = only !== undefined && more.length === 0 ? only : await writeIndex(layout, images, request.annotations)
  await addEntry(layout, descriptor, layoutTag)
  await removeOutdated(layout, clock.now()).catch(() => undefined)
  return { descriptor, images, before, encoder, base: baseOf(adopted[0]) }
}

function asImage({ descriptor, manifest, config }: AdoptedImage): PlatformImage {
  const { os, architecture, variant } = config
  const told = config.history?.filter(({ empty_layer: isEmpty }) => isEmpty !== true) ?? []
  const named = told.length === manifest.layers.length
  const layers = manifest.layers.map(
    ({ digest, size }, index): ImageLayer => ({
      name: (named ? instruction(told[index]?.created_by) : undefined) ?? `layer ${index + 1}`,
      digest,
      size,
    }),
  )
  return {
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    descriptor,
    layers,
    size: [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
  }
}

/** `COPY a b` out of what engines write into the history; what is long is cut. */
function instruction(text: string | undefined): string | undefined {
  const plain = text
    ?.replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain === undefined || plain === '') return undefined
  return plain.length <= 60 ? plain : `${plain.slice(0, 59)}…`
}

/** As the engine noted it on the image. */
function baseOf(image: AdoptedImage | undefined): ImageBase | undefined {
  const annotations = image?.manifest.annotations ?? {}
  const name = annotations['org.opencontainers.image.base.name']
  const digest = annotations['org.opencontainers.image.base.digest']
  if (name === undefined || name === '') return undefined
  return { name, ...(digest !== undefined && isDigest(digest) ? { digest } : {}) }
}
