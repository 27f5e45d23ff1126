import { createHash } from 'node:crypto'
import type { TargetFile } from '@tufjs/models'
import type { Clock, Http, Log } from '../../../../spec/ports.ts'
import { noCache, openCache } from './cache.ts'
import { tufRefused } from './errors.ts'
import { openMirror } from './mirror.ts'
import { TrustedMetadata } from './trusted-metadata.ts'
import { findTarget, nothingKept, type Sources, update, whyUnavailable } from './update.ts'

/** A repository, and the root from which all of it is proven. */
export interface TufRepository {
  readonly url: string
  /** `root.json`, of any version: those after it are fetched. */
  readonly root: Uint8Array
}

export interface TufPorts {
  readonly http: Http
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'warn'>
  /** Absolute; without it nothing is remembered. */
  readonly folder?: string | undefined
  /** No socket is opened; what has expired counts, and a warning tells of it. */
  readonly offline: boolean
}

/** In bytes: a trusted root has about 10 kB. */
const mostTarget = 4 * 2 ** 20

/**
 * Targets of a repository by path, undefined for those that it does not have. A repository that cannot be reached is taken as it was
 * kept while that is valid. Throws SW-TUF-REFUSED, SW-TUF-EXPIRED, SW-TUF-UNAVAILABLE.
 */
export async function fetchTargets(
  repository: TufRepository,
  paths: readonly string[],
  ports: TufPorts,
): Promise<ReadonlyMap<string, Buffer | undefined>> {
  if (ports.offline) return targetsOf(repository, paths, { ...ports, online: false })
  try {
    return await targetsOf(repository, paths, { ...ports, online: true })
  } catch (error) {
    const because = whyUnavailable(error)
    if (because === undefined) throw error
    const kept = await targetsOf(repository, paths, { ...ports, online: false }).catch(() => undefined)
    if (kept === undefined) throw error
    ports.log.warn('the TUF repository cannot be read, what was kept of it is still valid', { repository: repository.url, because })
    return kept
  }
}

async function targetsOf(
  { url, root }: TufRepository,
  paths: readonly string[],
  { http, clock, log, folder, offline, online }: TufPorts & { readonly online: boolean },
): Promise<ReadonlyMap<string, Buffer | undefined>> {
  const cache = folder === undefined ? noCache : openCache(folder, { url, root, log })
  const sources: Sources = { where: url, cache, mirror: online ? openMirror(url, http) : undefined }
  const trusted = new TrustedMetadata(root, { where: url, now: clock.now(), takeExpired: offline })
  await update(trusted, sources)
  const found = new Map<string, Buffer | undefined>()
  for (const path of paths) {
    const target = await findTarget(trusted, sources, path)
    found.set(path, target === undefined ? undefined : await contentOf(target, sources, trusted.root.consistentSnapshot))
  }
  for (const [role, when] of trusted.expired) log.warn('metadata of the TUF repository have expired', { repository: url, role, when })
  return found
}

async function contentOf(target: TargetFile, { where, cache, mirror }: Sources, hashed: boolean): Promise<Buffer> {
  const name = `target-${target.hashes['sha256'] ?? Object.values(target.hashes)[0] ?? ''}`
  if (target.length > mostTarget) throw tufRefused(`${where}: ${target.path} has ${target.length} bytes, expected at most ${mostTarget}.`)
  const kept = await cache.read(name, target.length)
  if (kept !== undefined && isContent(target, kept)) return kept
  if (mirror === undefined) throw nothingKept(where)
  const fetched = await mirror.read(['targets', ...(hashed ? hashedPath(target) : target.path).split('/')], target.length)
  if (fetched === undefined || !isContent(target, fetched)) {
    throw tufRefused(`${where}: the target ${target.path} is ${fetched === undefined ? 'not there' : 'not the file that was announced'}.`)
  }
  await cache.keep(name, fetched)
  return fetched
}

/** TUF specification, §5.7: length, and every digest that is given; at least one is. */
function isContent({ length, hashes }: TargetFile, bytes: Buffer): boolean {
  const digests = Object.entries(hashes)
  return bytes.length === length && digests.length > 0 && digests.every(([algorithm, hex]) => digestOf(algorithm, bytes) === hex)
}

function digestOf(algorithm: string, bytes: Buffer): string | undefined {
  return algorithm === 'sha256' || algorithm === 'sha512' ? createHash(algorithm).update(bytes).digest('hex') : undefined
}

/** §6.2: the digest before the last name of the path. */
function hashedPath({ path, hashes }: TargetFile): string {
  const cut = path.lastIndexOf('/') + 1
  return `${path.slice(0, cut)}${hashes['sha256'] ?? Object.values(hashes)[0] ?? ''}.${path.slice(cut)}`
}
