import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { engineInput, engineUnfit } from './errors.ts'
import type { DockerfileRequest } from './request.ts'

/** What buildah can do, and what it must be told on this machine. */
export interface BuildahSetup {
  readonly version: string
  /** The flags that `buildah build --help` lists, without dashes. */
  readonly flags: ReadonlySet<string>
  /** Those of them that may be given more than once. */
  readonly lists?: ReadonlySet<string> | undefined
  /** Set where buildah's own choice does not work here. */
  readonly storageDriver?: string | undefined
  readonly isolation?: string | undefined
  /** Where its credentials are, when they are not where it looks by itself. */
  readonly authFile?: string | undefined
}

/**
 * One call of `buildah build` into what `tag` names. Layers stay as they are: we compress them, so that the digest
 * does not depend on buildah's compressor. Nothing is cached unless a cache is named: a layer out of the cache keeps the time
 * that it was first built with, and with it another digest. @throws SW-ENGINE-INPUT, SW-ENGINE-UNFIT
 */
export function buildahArgv(
  request: DockerfileRequest,
  { setup, platform, tag }: { readonly setup: BuildahSetup; readonly platform: Platform; readonly tag: string },
): readonly string[] {
  refuseAttestations(request)
  return [
    ...withStorage(setup),
    'build',
    ...['--file', request.file, '--format', 'oci', '--platform', formatPlatform(platform)],
    ...times(request, setup),
    ...(setup.flags.has('identity-label') ? ['--identity-label=false'] : []),
    ...(setup.isolation === undefined ? [] : ['--isolation', setup.isolation]),
    ...network(request, setup),
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...pairs('--build-arg', request.buildArgs),
    ...pairs('--label', request.labels),
    ...request.secrets.flatMap(({ id, path }) => ['--secret', `id=${id},src=${path}`]),
    ...caches(request, setup),
    ...(setup.authFile === undefined ? [] : ['--authfile', setup.authFile]),
    ...['--tag', tag, request.context],
  ]
}

/** Takes an image out of buildah's store into what `to` names, its layers as they are. */
export function buildahPushArgv(setup: BuildahSetup, name: string, to: string): readonly string[] {
  return [...withStorage(setup), 'push', '--disable-compression', '--format', 'oci', name, to]
}

/** Takes a name, and what nothing else uses, out of buildah's store. */
export function buildahRemoveArgv(setup: BuildahSetup, name: string): readonly string[] {
  return [...withStorage(setup), 'rmi', name]
}

function withStorage({ storageDriver }: BuildahSetup): readonly string[] {
  return storageDriver === undefined ? ['buildah'] : ['buildah', '--storage-driver', storageDriver]
}

/** Older releases have one flag for the configuration and all files; newer ones tell the two apart. */
function times({ created }: DockerfileRequest, { flags, version }: BuildahSetup): readonly string[] {
  if (flags.has('source-date-epoch') && flags.has('rewrite-timestamp'))
    return ['--source-date-epoch', String(created), '--rewrite-timestamp']
  if (flags.has('timestamp')) return ['--timestamp', String(created)]
  throw engineUnfit(`buildah ${version} has neither --timestamp nor --source-date-epoch, expected one of the two.`, {
    hint: 'Update buildah to 1.28 or newer.',
  })
}

function network({ network: wanted }: DockerfileRequest, { isolation }: BuildahSetup): readonly string[] {
  if (wanted === 'default') return []
  if (isolation !== 'chroot') return ['--network', wanted]
  if (wanted === 'host') return []
  throw engineUnfit('network is none, which buildah cannot do with chroot isolation, the only one that works here.', {
    hint: 'Install runc or crun and run with CAP_SYS_ADMIN, or leave network out.',
  })
}

function caches({ cacheFrom, cacheTo }: DockerfileRequest, { flags, lists, version }: BuildahSetup): readonly string[] {
  if (cacheFrom.length === 0 && cacheTo.length === 0) return []
  if (!flags.has('cache-from') || !flags.has('cache-to')) {
    throw engineUnfit(`buildah ${version} has no --cache-from and --cache-to.`, { hint: 'Update buildah to 1.28 or newer.' })
  }
  // It would take the last one, and say nothing.
  if ((cacheFrom.length > 1 && lists?.has('cache-from') !== true) || (cacheTo.length > 1 && lists?.has('cache-to') !== true)) {
    throw engineUnfit(`buildah ${version} takes one cache to read and one to write.`, {
      hint: 'Name one, or update buildah.',
    })
  }
  return [
    '--layers',
    ...cacheFrom.flatMap((repository) => ['--cache-from', repository]),
    ...cacheTo.flatMap((repository) => ['--cache-to', repository]),
  ]
}

function refuseAttestations({ provenance, sbom }: DockerfileRequest): void {
  if (provenance === 'none' && !sbom) return
  throw engineInput(`${sbom ? 'sbom' : 'provenance'} is set, which is BuildKit’s, and the engine is buildah.`, {
    hint: 'Set engine: buildx, or leave it out: the tasks sbom and attest make both for any engine.',
  })
}

function pairs(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
}
