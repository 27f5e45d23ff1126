import { formatPlatform } from '../oci/platform.ts'
import { engineInput, engineUnfit } from './errors.ts'
import type { DockerfileRequest } from './request.ts'

/** How the image comes out of a builder: as a layout, or by way of the engine's own image store. */
export type Exporter = 'layout' | 'store'

export interface BuildxPlaces {
  /** As `docker buildx ls` names it; undefined: the one that buildx uses by itself. */
  readonly builder?: string | undefined
  readonly exporter: Exporter
  /** Absolute: where buildx writes what it made. */
  readonly metadata: string
  /** Under which name the image is in the engine's store for a while. */
  readonly tag: string
}

/**
 * One call of `docker buildx build`. Whatever changed its default from one release to another is said: media types, attestations,
 * times of files. @throws SW-ENGINE-INPUT, SW-ENGINE-UNFIT
 */
export function buildxArgv(request: DockerfileRequest, { builder, exporter, metadata, tag }: BuildxPlaces): readonly string[] {
  if (exporter === 'store') refuseBeyondStore(request)
  const { file, platforms, target, labels, annotations, buildArgs, secrets, network, cacheFrom, cacheTo } = request
  return [
    ...[
      'docker',
      'buildx',
      'build',
      ...(builder === undefined ? [] : ['--builder', builder]),
      '--progress',
      'plain',
      '--file',
      file,
      '--metadata-file',
      metadata,
    ],
    ...['--platform', platforms.map(formatPlatform).join(',')],
    ...(exporter === 'store' ? ['--output', 'type=docker', '--tag', tag] : ['--output', output(request)]),
    ...attestations(request),
    ...(network === 'default' ? [] : ['--network', network]),
    ...(target === undefined ? [] : ['--target', target]),
    ...pairs('--build-arg', buildArgs),
    ...pairs('--label', labels),
    // What is read from the store has no annotations: they are added when the image is taken over.
    ...(exporter === 'store' ? [] : pairs('--annotation', annotations)),
    ...secrets.flatMap(({ id, path }) => ['--secret', `id=${id},src=${path}`]),
    ...cacheFrom.flatMap((cache) => ['--cache-from', cache]),
    ...cacheTo.flatMap((cache) => ['--cache-to', cache]),
    request.context,
  ]
}

/** Files get the build's time where they are newer; layers of the base stay as they are. */
function output({ compression: { algorithm, level } }: DockerfileRequest): string {
  const compression = algorithm === 'none' ? 'uncompressed' : algorithm
  return [
    ...['type=oci', 'dest=image', 'tar=false', 'oci-mediatypes=true', 'rewrite-timestamp=true', `compression=${compression}`],
    ...(level === undefined ? [] : [`compression-level=${level}`]),
  ].join(',')
}

function attestations({ provenance, sbom, sbomGenerator }: DockerfileRequest): readonly string[] {
  const scanned = sbom && sbomGenerator !== undefined ? `generator=${sbomGenerator}` : String(sbom)
  return [`--provenance=${provenance === 'none' ? 'false' : `mode=${provenance}`}`, `--sbom=${scanned}`]
}

function refuseBeyondStore({ platforms, provenance, sbom }: DockerfileRequest): void {
  const hint = 'Use a builder that can (docker buildx create --use --driver docker-container), or turn on Docker’s containerd image store.'
  if (platforms.length > 1) throw engineUnfit('platforms has several, which Docker’s classic image store cannot hold.', { hint })
  if (provenance === 'none' && !sbom) return
  throw engineInput(`${sbom ? 'sbom' : 'provenance'} is set, which Docker’s classic image store cannot hold.`, { hint })
}

function pairs(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
}
