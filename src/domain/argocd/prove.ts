import { lt, valid } from 'semver'
import type { Application } from './schema.ts'
import type { Revisions } from './wish.ts'

/** How a revision stands to the one that is wanted: `ahead` contains it, `behind` is contained in it; `absent`: git has no such commit in a branch. */
export type Relation = 'same' | 'ahead' | 'behind' | 'diverged' | 'absent' | 'unknown'

/** What git has said, by {@link pairOf}. */
export type Relations = ReadonlyMap<string, Relation>

/** Two revisions of one source; position from 0. */
export interface Pair {
  readonly position: number
  readonly live: string
  readonly wanted: string
}

/** From the worst to the best: several sources are as good as the worst of them. */
const order = ['none', 'unasked', 'unknown', 'absent', 'diverged', 'behind', 'ahead', 'same'] as const

/**
 * How the revisions of an application stand to those wanted: `none` while nothing is known of a source, `unasked` while git has not been
 * asked. A source that only lends its values (`ref`) is left out where Argo CD tells no revision of it.
 */
export function relationOf(
  revisions: readonly string[],
  { wanted, sources, relations }: { readonly wanted: Revisions; readonly sources: Application['sources']; readonly relations: Relations },
): (typeof order)[number] {
  if (revisions.length === 0) return 'none'
  const known = wanted.flatMap((want, position) => {
    const live = revisions[position] ?? ''
    if (want === undefined || (live === '' && isValuesOnly(sources[position]))) return []
    if (live === '') return ['none' as const]
    if (live === want) return ['same' as const]
    // Where nothing can be read from git Argo CD has the branch in its place.
    if (isHash(want) && !isHash(live)) return ['none' as const]
    if (!isHash(want)) return [relationOfVersions(live, want)]
    return [relations.get(pairOf({ position, live, wanted: want })) ?? ('unasked' as const)]
  })
  // Where something is wanted, something must have shown it.
  if (known.length === 0 && wanted.some((want) => want !== undefined)) return 'none'
  return order.find((one) => known.includes(one)) ?? 'same'
}

/** Of a chart a lower version is behind; a higher one contains nothing for certain, and is never undone. */
function relationOfVersions(live: string, wanted: string): Relation {
  if (valid(live) === null || valid(wanted) === null) return 'unknown'
  return lt(live, wanted) ? 'behind' : 'diverged'
}

/** The pairs that only git can tell about, and has not been asked about. */
export function openPairs(revisions: readonly string[], wanted: Revisions, relations: Relations): readonly Pair[] {
  return wanted.flatMap((want, position) => {
    const live = revisions[position] ?? ''
    if (want === undefined || live === '' || live === want || !isHash(live) || !isHash(want)) return []
    const pair = { position, live, wanted: want }
    return relations.has(pairOf(pair)) ? [] : [pair]
  })
}

export function pairOf({ position, live, wanted }: Pair): string {
  return `${position} ${live} ${wanted}`
}

/**
 * The revisions that git and the cluster were compared by. Where the Source Hydrator renders manifests into a branch it is the commit that
 * it rendered from, and nothing while it renders.
 */
export function comparedRevisions(app: Application): readonly string[] {
  return authored(app, app.sync.revisions)
}

/** Revisions of an operation or a comparison as those who commit know them. */
export function authored({ isHydrated, hydration }: Application, revisions: readonly string[]): readonly string[] {
  if (!isHydrated) return revisions
  const isRendered = hydration?.phase === 'Hydrated' && hydration.hydratedSHA !== '' && hydration.hydratedSHA === revisions[0]
  return isRendered ? [hydration.drySHA] : []
}

/** A source that others take values from, and which makes nothing itself. */
export function isValuesOnly(source: Application['sources'][number] | undefined): boolean {
  return source !== undefined && source.ref !== '' && source.path === '' && source.chart === ''
}

function isHash(revision: string): boolean {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/.test(revision)
}
