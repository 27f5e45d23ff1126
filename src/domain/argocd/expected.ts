import { isSameRepository } from '../git/address.ts'
import { argocdRevision } from './errors-sync.ts'
import type { Application } from './schema.ts'
import type { Revisions } from './wish.ts'

/** Which revisions are wanted, as a user says it. */
export interface Wanted {
  /** Of the repository that was written to. */
  readonly revision: string | undefined
  /** By a source's name, or its position from 1. */
  readonly bySource: Readonly<Record<string, string>>
  /** Address of that repository. */
  readonly repository: string | undefined
}

/**
 * The revision wanted of each source of an application. Without names it is that of the sources from the repository that was written to;
 * an application with one source needs no address, since one repository has many. @throws SW-ARGOCD-REVISION
 */
export function expectedOf({ name, sources }: Application, wanted: Wanted): Revisions {
  const named = Object.entries(wanted.bySource)
  if (named.length > 0) return byName(name, sources, named)
  const { revision, repository } = wanted
  if (revision === undefined) throw argocdRevision(`Nothing says which revision of ${name} is to be live.`)
  const expected = sources.map((source) => (isOf(source, { repository, isOnly: sources.length === 1 }) ? revision : undefined))
  if (!expected.includes(revision))
    throw argocdRevision(
      `${name} has ${sources.length} sources, and none is from ${repository ?? 'a repository that is known'}: ${shown(sources)}.`,
      {
        hint: 'Name the source: revisions: 1=COMMIT, or its name',
      },
    )
  for (const [index, one] of expected.entries()) requireFitting(name, sources[index], one)
  return expected
}

function byName(name: string, sources: Application['sources'], named: readonly (readonly [string, string])[]): Revisions {
  const places = named.map(([key, revision]) => {
    const index = /^[1-9]\d{0,2}$/.test(key) ? Number(key) - 1 : sources.findIndex((source) => source.name === key || source.ref === key)
    if (sources[index] === undefined) throw argocdRevision(`${name} has no source ${JSON.stringify(key.slice(0, 100))}: ${shown(sources)}.`)
    return [index, revision] as const
  })
  const expected = sources.map((_, index) => places.find(([place]) => place === index)?.[1])
  for (const [index, one] of expected.entries()) requireFitting(name, sources[index], one)
  return expected
}

function isOf(
  { repository: own, chart }: Application['sources'][number],
  { repository, isOnly }: { readonly repository: string | undefined; readonly isOnly: boolean },
): boolean {
  if (isOnly) return true
  return repository !== undefined && chart === '' && isSameRepository(repository, own)
}

/** Of a commit only its whole hash proves anything: a branch is wherever it is. */
function requireFitting(name: string, source: Application['sources'][number] | undefined, revision: string | undefined): void {
  if (revision === undefined || source === undefined || source.repository.startsWith('oci://')) return
  if (source.chart !== '') requireVersion(name, source.chart, revision)
  else if (!isCommit(revision))
    throw argocdRevision(`The revision of ${name} is ${JSON.stringify(revision.slice(0, 100))}, expected the full hash of a commit.`, {
      hint: 'git rev-parse HEAD',
    })
}

/** A commit is no version, and what `gitops-update` has written is a commit. */
function requireVersion(name: string, chart: string, revision: string): void {
  if (!isCommit(revision)) return
  throw argocdRevision(
    `${name} is made of the chart ${chart}, and ${revision.slice(0, 12)} is a commit, expected a version of the chart.`,
    {
      hint: 'revision: 1.2.3',
    },
  )
}

function isCommit(revision: string): boolean {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/.test(revision)
}

function shown(sources: Application['sources']): string {
  return sources.map(({ name, repository }, index) => `${index + 1}${name === '' ? '' : ` (${name})`} ${repository}`).join(', ')
}
