import type { TargetFile } from '@tufjs/models'
import { messageOf, TaskError } from '../../../../base/errors.ts'
import type { TufCache } from './cache.ts'
import { tufRefused, tufUnavailable } from './errors.ts'
import type { Mirror } from './mirror.ts'
import { mostBytes } from './read-metadata.ts'
import type { TrustedMetadata } from './trusted-metadata.ts'

/** Roots that one update goes through, and roles that one target is looked for in (TUF specification, §5.3.3, §5.6.7). */
const mostRotations = 256
const mostRoles = 32

/** Where metadata come from: what was kept, and the repository unless the update is offline. */
export interface Sources {
  readonly where: string
  readonly cache: TufCache
  readonly mirror: Mirror | undefined
}

/** Brings the metadata up to date, in the order of the specification (§5.3 to §5.6), and keeps each file that was proven. */
export async function update(trusted: TrustedMetadata, sources: Sources): Promise<void> {
  await updateRoots(trusted, sources)
  await updateTimestamp(trusted, sources)
  await updateSnapshot(trusted, sources)
  await updateTargets(trusted, sources, { role: 'targets', parent: 'root' })
}

/** Looks for a target, in the order in which roles are trusted (§5.6.7). Undefined where no role has it. */
export async function findTarget(trusted: TrustedMetadata, sources: Sources, path: string): Promise<TargetFile | undefined> {
  const open = [{ role: 'targets', parent: 'root' }]
  const seen = new Set<string>()
  for (let next = open.pop(); next !== undefined && seen.size < mostRoles; next = open.pop()) {
    if (seen.has(next.role)) continue
    seen.add(next.role)
    if (trusted.targets(next.role) === undefined) await updateTargets(trusted, sources, next)
    const targets = trusted.targets(next.role)
    if (targets !== undefined && Object.hasOwn(targets.targets, path)) return targets.targets[path]
    const children: { role: string; parent: string }[] = []
    for (const { role, terminating } of targets?.delegations?.rolesForTarget(path) ?? []) {
      children.push({ role, parent: next.role })
      if (!terminating) continue
      open.length = 0
      break
    }
    open.push(...children.toReversed())
  }
  return undefined
}

/** From the root that was given through every one after it: those that were kept first, then those of the repository. */
async function updateRoots(trusted: TrustedMetadata, { cache, mirror }: Sources): Promise<void> {
  for (let round = 0; round < mostRotations; round += 1) {
    const name = `${trusted.root.version + 1}.root.json`
    const kept = await cache.read(name, mostBytes.root)
    if (kept !== undefined && takes(() => trusted.updateRoot(kept))) continue
    const fetched = await mirror?.read([name], mostBytes.root)
    if (fetched === undefined) return
    trusted.updateRoot(fetched)
    await cache.keep(name, fetched)
  }
}

async function updateTimestamp(trusted: TrustedMetadata, { where, cache, mirror }: Sources): Promise<void> {
  const kept = await cache.read('timestamp.json', mostBytes.timestamp)
  if (mirror === undefined) {
    if (kept === undefined) throw nothingKept(where)
    trusted.updateTimestamp(kept)
    return
  }
  // What was kept sets the least version, also when it has expired.
  if (kept !== undefined) takes(() => trusted.updateTimestamp(kept))
  const fetched = await fetchFrom(mirror, { where, name: 'timestamp.json', limit: mostBytes.timestamp })
  if (trusted.updateTimestamp(fetched)) await cache.keep('timestamp.json', fetched, isNewer(trusted, 'timestamp', fetched))
}

async function updateSnapshot(trusted: TrustedMetadata, { where, cache, mirror }: Sources): Promise<void> {
  const kept = await cache.read('snapshot.json', mostBytes.snapshot)
  if (mirror === undefined) {
    if (kept === undefined) throw nothingKept(where)
    trusted.updateSnapshot(kept, { kept: true })
    return
  }
  if (kept !== undefined && takes(() => trusted.updateSnapshot(kept, { kept: true }))) return
  const { version, length = mostBytes.snapshot } = trusted.snapshotFile
  const name = trusted.root.consistentSnapshot ? `${version}.snapshot.json` : 'snapshot.json'
  const fetched = await fetchFrom(mirror, { where, name, limit: Math.min(length, mostBytes.snapshot) })
  trusted.updateSnapshot(fetched, { kept: false })
  await cache.keep('snapshot.json', fetched, isNewer(trusted, 'snapshot', fetched))
}

async function updateTargets(
  trusted: TrustedMetadata,
  { where, cache, mirror }: Sources,
  { role, parent }: { readonly role: string; readonly parent: string },
): Promise<void> {
  const kept = await cache.read(`${role}.json`, mostBytes.targets)
  if (mirror === undefined) {
    if (kept === undefined) throw nothingKept(where)
    trusted.updateTargets(kept, role, parent)
    return
  }
  if (kept !== undefined && takes(() => trusted.updateTargets(kept, role, parent))) return
  const { version, length = mostBytes.targets } = trusted.targetsFile(role)
  const name = trusted.root.consistentSnapshot ? `${version}.${role}.json` : `${role}.json`
  const fetched = await fetchFrom(mirror, { where, name, limit: Math.min(length, mostBytes.targets) })
  trusted.updateTargets(fetched, role, parent)
  await cache.keep(`${role}.json`, fetched)
}

async function fetchFrom(
  mirror: Mirror,
  { where, name, limit }: { readonly where: string; readonly name: string; readonly limit: number },
): Promise<Buffer> {
  const bytes = await mirror.read([name], limit)
  if (bytes === undefined) throw tufRefused(`${where} has no ${name}, which its metadata need.`)
  return bytes
}

/** Whether what was kept holds; what does not is as if it were not there, and is fetched again. */
function takes(take: () => unknown): boolean {
  try {
    take()
    return true
  } catch (error) {
    if (error instanceof TaskError) return false
    throw error
  }
}

/** Of two processes the one that was shown the newer state wins, whichever writes last. */
function isNewer(trusted: TrustedMetadata, role: 'timestamp' | 'snapshot', bytes: Buffer): (there: Buffer) => boolean {
  return (there) => (trusted.versionOf(role, there) ?? 0) > (trusted.versionOf(role, bytes) ?? 0)
}

/** An offline update of a repository of which nothing, or not enough, was kept. */
export function nothingKept(where: string): Error {
  return tufUnavailable(`Nothing was kept of ${where}.`, { hint: 'a run without offline, or trusted-root: trusted_root.json' })
}

/** For a warning: why the repository could not be read. */
export function whyUnavailable(error: unknown): string | undefined {
  return tufUnavailable.is(error) ? messageOf(error) : undefined
}
