import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readJson } from '../../io/files.ts'
import { entriesOf, openLayout } from '../oci/layout.ts'
import { readManifest } from '../oci/layout-blobs.ts'
import type { Descriptor } from '../oci/types.ts'
import { dockerFolder, writeDockerConfig } from './auth-file.ts'
import { buildxArgv, type Exporter } from './buildx-argv.ts'
import { dockerfileFailed, engineResult, engineUnfit } from './errors.ts'
import { type Answer, ask, work } from './program.ts'
import type { Absent, DockerfileRequest, Engine, EnginePorts, MadeImage } from './request.ts'
import { unpackSaved } from './saved-image.ts'
import { parseDriverStatus, parseMetadata } from './schema.ts'

/** Docker's buildx, if it is installed and its builder answers: the one named, else the one that buildx uses by itself. */
export async function findBuildx(given: EnginePorts, name?: string): Promise<Engine | Absent> {
  const version = await ask(['docker', 'buildx', 'version'], given)
  if ('absent' in version) return version
  const { builder, ports } = await inspect(given, name)
  if ('absent' in builder) return builder
  const fault = /^Error:\s+(.+)$/m.exec(builder.said)?.[1]
  if (fault !== undefined) return { absent: `the builder does not answer: ${fault}` }
  const exporter = await exporterOf(/^Driver:\s+(\S+)/m.exec(builder.said)?.[1], ports)
  if (typeof exporter !== 'string') return exporter
  return {
    name: 'buildx',
    version: /\bv?(\d+\.\d+\.\d+\S*)/.exec(version.said)?.[1] ?? 'unknown',
    build: (request, folder) => build(request, { folder, builder: name, exporter, ports }),
  }
}

/**
 * What buildx says of a builder. It keeps notes beside Docker's configuration; where that is a Secret that is mounted, in a folder of
 * its own.
 */
async function inspect(ports: EnginePorts, name?: string): Promise<{ readonly builder: Answer; readonly ports: EnginePorts }> {
  const argv = ['docker', 'buildx', 'inspect', ...(name === undefined ? [] : [name])]
  const builder = await ask(argv, ports)
  const isShut = 'absent' in builder && /read-only file system|permission denied/i.test(builder.absent)
  if (!isShut || ports.environment['BUILDX_CONFIG'] !== undefined) return { builder, ports }
  const environment = { ...ports.environment, BUILDX_CONFIG: await ports.files.temporary('buildx') }
  const again = { ...ports, environment }
  return { builder: await ask(argv, again), ports: again }
}

/** Only the engine's classic image store has no exporter for layouts; the image is then saved from the store. */
async function exporterOf(driver: string | undefined, ports: EnginePorts): Promise<Exporter | Absent> {
  if (driver !== 'docker') return 'layout'
  const info = await ask(['docker', 'info', '--format', '{{json .DriverStatus}}'], ports)
  if ('absent' in info) return info
  return parseDriverStatus(info.said).get('driver-type') === 'io.containerd.snapshotter.v1' ? 'layout' : 'store'
}

interface Here {
  readonly folder: string
  readonly builder: string | undefined
  readonly exporter: Exporter
  readonly ports: EnginePorts
}

async function build(request: DockerfileRequest, { folder, builder, exporter, ports }: Here): Promise<readonly MadeImage[]> {
  ports.progress.doing('buildx builds')
  if (exporter === 'store')
    ports.log.warn('the digest will be another with every build: the classic image store of Docker keeps the times of files')
  const metadata = join(folder, 'metadata.json')
  const tag = `slipway.invalid/build:${randomUUID()}`
  const argv = buildxArgv(request, { builder, exporter, metadata, tag })
  // Our own times: what the environment of the caller says has been read already.
  const times = { SOURCE_DATE_EPOCH: String(request.created) }
  const run = (env: Env): Promise<void> => work({ argv, cwd: folder, timeout: request.timeout, env: { ...env, ...times } }, ports)
  await withLogins(request, ports, run).catch((error: unknown) => rethrow(error, request))
  const said = parseMetadata(await readJson(metadata), metadata)
  const image = exporter === 'layout' ? await exported(folder) : await saved(tag, { folder, ports })
  const digest = exporter === 'layout' ? image.root.digest : await configDigest(image)
  const expected = exporter === 'layout' ? said.digest : said.config
  if (digest === expected) return [image]
  throw engineResult(`buildx says that it made ${expected ?? 'nothing'}, and left ${digest}.`)
}

/** BuildKit asks for the image that scans before it builds: what fails there is no fault of the Dockerfile. */
function rethrow(error: unknown, { sbom, sbomGenerator = 'docker/buildkit-syft-scanner' }: DockerfileRequest): never {
  if (!sbom || !dockerfileFailed.is(error) || !error.message.includes(sbomGenerator)) throw error
  throw engineUnfit(`The builder cannot make the SBOM with ${sbomGenerator}: ${error.message}`, {
    hint: 'Set sbom-generator to a copy of docker/buildkit-syft-scanner that the builder can pull, or leave sbom out.',
    cause: error,
  })
}

type Env = Readonly<Record<string, string>>

/** buildx reads logins itself, and nobody else needs them: neither the builder nor what is run afterwards. */
async function withLogins({ logins }: DockerfileRequest, ports: EnginePorts, run: (env: Env) => Promise<void>): Promise<void> {
  if (logins.length === 0) return run({})
  const { path, dispose } = await writeDockerConfig(logins, ports)
  const { BUILDX_CONFIG } = ports.environment
  const own = dockerFolder(ports.environment)
  const builders = BUILDX_CONFIG ?? (own === undefined ? undefined : join(own, 'buildx'))
  try {
    await run({ DOCKER_CONFIG: path, ...(builders === undefined ? {} : { BUILDX_CONFIG: builders }) })
  } finally {
    await dispose()
  }
}

async function exported(folder: string): Promise<MadeImage> {
  const layout = await openLayout(join(folder, 'image'))
  return { layout, root: onlyEntry(await entriesOf(layout)) }
}

/** Takes the image out of the engine's store as Docker 25 and newer save it: an archive of a layout. */
async function saved(tag: string, { folder, ports }: Pick<Here, 'folder' | 'ports'>): Promise<MadeImage> {
  const archive = join(folder, 'image.tar')
  try {
    ports.progress.doing('taking the image from the store of Docker')
    await work({ argv: ['docker', 'image', 'save', '--output', archive, tag], cwd: folder }, ports)
  } finally {
    // The name alone keeps the image there: with it goes what nothing else uses.
    if (!ports.signal.aborted) await ask(['docker', 'image', 'rm', tag], ports)
  }
  const layout = await unpackSaved(archive, join(folder, 'image'), ports.signal)
  return { layout, root: onlyEntry(await entriesOf(layout)) }
}

function onlyEntry(entries: readonly Descriptor[]): Descriptor {
  const [only, ...more] = entries
  if (only === undefined || more.length > 0) throw engineResult(`buildx left ${entries.length} images, expected one.`)
  const { annotations: _, ...entry } = only
  return entry
}

async function configDigest({ layout, root }: MadeImage): Promise<string> {
  const { content } = await readManifest(layout, root)
  if (content.kind === 'manifest') return content.manifest.config.digest
  throw engineUnfit('Docker saved an index, expected the image that was built.', {
    hint: 'docker buildx create --use --driver docker-container',
  })
}
