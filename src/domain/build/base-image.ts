import { formatPlatform, isSamePlatform } from '../oci/platform.ts'
import { parseImageConfig } from '../oci/schema.ts'
import { type Descriptor, type ImageConfig, type Manifest, mediaTypes, type Platform } from '../oci/types.ts'
import type { Base, BaseName, Start } from './base.ts'
import { baseMissing, basePlatform } from './errors.ts'
import type { ImageSource } from './image-source.ts'
import type { RuntimeName } from './layer-plan.ts'

type NamedImage = Extract<BaseName, { kind: 'image' }>

/** The platform's image of a base, its layers not fetched yet. @throws SW-BUILD-BASE-PLATFORM, SW-BUILD-BASE-MISSING */
export async function baseFromImage({ name, open, layersAt }: NamedImage, platform: Platform): Promise<Base> {
  const source = await open()
  const { descriptor, manifest } = await manifestFor(name, source, platform)
  const config = parseImageConfig(await source.read(manifest.config), `the configuration of ${name}`)
  requirePlatform(name, config, platform)
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    throw baseMissing(
      `${name} cannot be a base: its configuration names ${config.rootfs.diff_ids.length} layers, its manifest ${manifest.layers.length}.`,
    )
  }
  const layers = manifest.layers.map(asOci)
  const digests = { digest: descriptor.digest, rootDigest: source.root.digest }
  return {
    config,
    layers,
    plans: [],
    ...digests,
    labels: {},
    env: {},
    ...(layersAt === undefined ? { copyLayers: (layout) => source.copyBlobs(manifest.layers, layout) } : { layersAt }),
    startWith: (runtime, args) => startWith(config, runtime, args),
  }
}

async function manifestFor(name: string, source: ImageSource, platform: Platform): Promise<{ descriptor: Descriptor; manifest: Manifest }> {
  const root = await source.load(source.root)
  if (root.content.kind === 'manifest') return { descriptor: source.root, manifest: root.content.manifest }
  const children = root.content.index.manifests
  const child = children.find((candidate) => candidate.platform !== undefined && isSamePlatform(candidate.platform, platform))
  if (child === undefined) throw lacks(name, platform, children)
  const { content } = await source.load(child)
  if (content.kind === 'manifest') return { descriptor: child, manifest: content.manifest }
  throw baseMissing(`${name} cannot be a base: it nests an index in an index.`)
}

/** The same bytes under OCI's name: a manifest that mixes the two is not read by all tools. */
function asOci(layer: Descriptor): Descriptor {
  return layer.mediaType === mediaTypes.dockerLayerGzip ? { ...layer, mediaType: mediaTypes.layerGzip } : layer
}

function requirePlatform(name: string, config: ImageConfig, platform: Platform): void {
  if (!isSamePlatform(config, platform)) throw lacks(name, platform, [{ platform: config }])
}

function lacks(name: string, platform: Platform, children: readonly Pick<Descriptor, 'platform'>[]): Error {
  // BuildKit lists attestations as unknown/unknown.
  const has = children.flatMap(({ platform: own }) => (own === undefined || own.os === 'unknown' ? [] : [formatPlatform(own)]))
  return basePlatform(`${name} has no image for ${formatPlatform(platform)}; it has ${has.join(', ') || 'none that is named'}.`)
}

/** What a runtime is called on PATH, and in entrypoints. */
const runtimes = {
  node: ['node', /(?:^|\/)node$/],
  java: ['java', /(?:^|\/)java$/],
  python: ['python3', /(?:^|\/)python3?(?:\.\d+)?$/],
  dotnet: ['dotnet', /(?:^|\/)dotnet$/],
} as const satisfies Record<RuntimeName, readonly [string, RegExp]>

/** A base whose entrypoint is the runtime alone (distroless) takes the arguments; any other is asked for it by name. */
function startWith(config: ImageConfig, runtime: RuntimeName, args: readonly string[]): Start {
  const [program, ...more] = config.config?.Entrypoint ?? []
  const [name, pattern] = runtimes[runtime]
  if (program === undefined || !pattern.test(program)) return { entrypoint: [name, ...args] }
  // Distroless Java is `java -jar`: the program is right, its argument is not.
  return more.length === 0 ? { cmd: args } : { entrypoint: [program, ...args] }
}
