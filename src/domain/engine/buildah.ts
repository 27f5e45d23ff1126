import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { factsOrNothing, readText } from '../../io/files.ts'
import { openLayout, resolveEntry } from '../oci/layout.ts'
import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { type AuthFiles, writeAuthFile } from './auth-file.ts'
import { type BuildahSetup, buildahArgv, buildahPushArgv, buildahRemoveArgv } from './buildah-argv.ts'
import { engineUnfit } from './errors.ts'
import { ask, work } from './program.ts'
import type { Absent, DockerfileRequest, Engine, EnginePorts, MadeImage } from './request.ts'

/** buildah, if it is installed. Whether it can work here is found out by the build. */
export async function findBuildah(ports: EnginePorts): Promise<Engine | Absent> {
  const answer = await ask(['buildah', '--version'], ports)
  if ('absent' in answer) return answer
  const version = /version (\S+)/.exec(answer.said)?.[1] ?? 'unknown'
  return { name: 'buildah', version, build: (request, folder) => build(request, { folder, version, ports }) }
}

interface Here {
  readonly folder: string
  readonly version: string
  readonly ports: EnginePorts
}

async function build(request: DockerfileRequest, here: Here): Promise<readonly MadeImage[]> {
  const auth = await authFile(request, here.ports)
  try {
    return await buildEach(request, { ...here, authFile: auth?.path })
  } finally {
    await auth?.dispose()
  }
}

async function buildEach(request: DockerfileRequest, here: Here & Pick<BuildahSetup, 'authFile'>): Promise<readonly MadeImage[]> {
  const { folder, ports } = here
  const setup = { ...(await setUp(here)), authFile: here.authFile }
  const made: MadeImage[] = []
  for (const [index, platform] of request.platforms.entries()) {
    ports.progress.doing(`buildah builds for ${formatPlatform(platform)}`)
    const name = `image-${index}`
    const to = `oci:${name}:latest`
    if (request.cacheFrom.length + request.cacheTo.length > 0) await buildInStore(request, { setup, platform, to }, here)
    else await work({ argv: buildahArgv(request, { setup, platform, tag: to }), cwd: folder, timeout: request.timeout }, ports)
    const layout = await openLayout(join(folder, name))
    made.push({ layout, root: await resolveEntry(layout) })
  }
  return made
}

/** By way of buildah's store, which is where caches are read into and filled from: straight into a layout the last layer fails (1.28). */
async function buildInStore(
  request: DockerfileRequest,
  { setup, platform, to }: { readonly setup: BuildahSetup; readonly platform: Platform; readonly to: string },
  { folder, ports }: Here,
): Promise<void> {
  const tag = `localhost/slipway-build:${randomUUID()}`
  await work({ argv: buildahArgv(request, { setup, platform, tag }), cwd: folder, timeout: request.timeout }, ports)
  try {
    await work({ argv: buildahPushArgv(setup, tag, to), cwd: folder }, ports)
  } finally {
    if (!ports.signal.aborted) await ask(buildahRemoveArgv(setup, tag), ports)
  }
}

async function setUp({ version, ports }: Here): Promise<BuildahSetup> {
  const help = await ask(['buildah', 'build', '--help'], ports)
  if ('absent' in help) throw engineUnfit(`buildah ${version} cannot build: ${help.absent}.`)
  return {
    version,
    ...flagsOf(help.said),
    storageDriver: await storageDriver(ports),
    isolation: await isolation(ports),
  }
}

/** Of a list such as `-t, --tag name   description`; the word after a flag is its type where it has no better name. */
function flagsOf(help: string): Pick<BuildahSetup, 'flags' | 'lists'> {
  const found = [...help.matchAll(/^\s+(?:-\w, )?--([a-z][\w-]*)(?: (\S+))?/gm)]
  const lists = found.filter(([, , type]) => type === 'stringArray' || type === 'strings')
  return { flags: new Set(found.map(([, flag = '']) => flag)), lists: new Set(lists.map(([, flag = '']) => flag)) }
}

/** `vfs` where buildah's own choice fails, as overlay does on an overlay that has no fuse. @throws SW-ENGINE-UNFIT */
async function storageDriver(ports: EnginePorts): Promise<string | undefined> {
  const own = await ask(['buildah', 'info'], ports)
  if ('said' in own) return undefined
  const plain = ports.environment['STORAGE_DRIVER'] === undefined ? await ask(['buildah', '--storage-driver', 'vfs', 'info'], ports) : own
  if ('said' in plain) {
    ports.log.info('buildah stores layers as plain folders here, which is slower', { driver: 'vfs', because: own.absent })
    return 'vfs'
  }
  throw engineUnfit(`buildah cannot work here: ${own.absent}`, {
    hint: 'In a container it needs user namespaces and a volume at /var/lib/containers: docs/guides/dockerfile.md',
  })
}

/** CAP_SYS_ADMIN (linux/capability.h). */
const sysAdmin = 1n << 21n

/** `chroot` where no runtime is installed, or where root may not make the namespaces that a runtime needs: a pod. */
async function isolation({ process, environment }: EnginePorts): Promise<string | undefined> {
  if (environment['BUILDAH_ISOLATION'] !== undefined) return undefined
  if ((await process.find('runc')) === undefined && (await process.find('crun')) === undefined) return 'chroot'
  const status = await readText('/proc/self/status').catch(() => '')
  const isRoot = /^Uid:\s+\d+\s+0\s/m.test(status)
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`)
  return isRoot && (capabilities & sysAdmin) === 0n ? 'chroot' : undefined
}

/** Named, since releases of buildah differ in whether they look into DOCKER_CONFIG; what is no file yet becomes a private one. */
async function authFile({ logins }: DockerfileRequest, ports: EnginePorts): Promise<AuthFiles | undefined> {
  const { environment } = ports
  if (logins.length > 0 || environment['DOCKER_AUTH_CONFIG'] !== undefined) return writeAuthFile(logins, ports)
  if (environment['REGISTRY_AUTH_FILE'] !== undefined || environment['DOCKER_CONFIG'] === undefined) return undefined
  const path = join(environment['DOCKER_CONFIG'], 'config.json')
  return (await factsOrNothing(path)) === undefined ? undefined : { path, dispose: () => Promise.resolve() }
}
