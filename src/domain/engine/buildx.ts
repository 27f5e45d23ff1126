import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readJson } from '../../io/files.ts'
import { entriesOf, openLayout } from '../oci/layout.ts'
import { readManifest } from '../oci/layout-blobs.ts'
import type { Descriptor } from '../oci/types.ts'
import { buildxArgv, type Exporter } from './buildx-argv.ts'
import { engineResult, engineUnfit } from './errors.ts'
import { ask, work } from './program.ts'
import type { Absent, DockerfileRequest, Engine, EnginePorts, MadeImage } from './request.ts'
import { unpackSaved } from './saved-image.ts'
import { parseDriverStatus, parseMetadata } from './schema.ts'

/** Docker's buildx, if it is installed and its builder answers. */
export async function findBuildx(ports: EnginePorts): Promise<Engine | Absent> {
  const version = await ask(['docker', 'buildx', 'version'], ports)
  if ('absent' in version) return version
  const builder = await ask(['docker', 'buildx', 'inspect'], ports)
  if ('absent' in builder) return builder
  const fault = /^Error:\s+(.+)$/m.exec(builder.said)?.[1]
  if (fault !== undefined) return { absent: `the builder does not answer: ${fault}` }
  const exporter = await exporterOf(/^Driver:\s+(\S+)/m.exec(builder.said)?.[1], ports)
  if (typeof exporter !== 'string') return exporter
  return {
    name: 'buildx',
    version: /\bv?(\d+\.\d+\.\d+\S*)/.exec(version.said)?.[1] ?? 'unknown',
    build: (request, folder) => build(request, { folder, exporter, ports }),
  }
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
  readonly exporter: Exporter
  readonly ports: EnginePorts
}

async function build(request: DockerfileRequest, { folder, exporter, ports }: Here): Promise<readonly MadeImage[]> {
  ports.progress.doing('buildx builds')
  if (exporter === 'store')
    ports.log.warn('the digest will be another with every build: the classic image store of Docker keeps the times of files')
  const metadata = join(folder, 'metadata.json')
  const tag = `slipway.invalid/build:${randomUUID()}`
  const argv = buildxArgv(request, { exporter, metadata, tag })
  // Our own times: what the environment of the caller says has been read already.
  await work({ argv, cwd: folder, timeout: request.timeout, env: { SOURCE_DATE_EPOCH: String(request.created) } }, ports)
  const said = parseMetadata(await readJson(metadata), metadata)
  const image = exporter === 'layout' ? await exported(folder) : await saved(tag, { folder, exporter, ports })
  const digest = exporter === 'layout' ? image.root.digest : await configDigest(image)
  const expected = exporter === 'layout' ? said.digest : said.config
  if (digest === expected) return [image]
  throw engineResult(`buildx says that it made ${expected ?? 'nothing'}, and left ${digest}.`)
}

async function exported(folder: string): Promise<MadeImage> {
  const layout = await openLayout(join(folder, 'image'))
  return { layout, root: onlyEntry(await entriesOf(layout)) }
}

/** Takes the image out of the engine's store as Docker 25 and newer save it: an archive of a layout. */
async function saved(tag: string, { folder, ports }: Here): Promise<MadeImage> {
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
