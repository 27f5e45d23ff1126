import { suggest } from '../../base/suggest.ts'
import { refInvalid, refMissing } from './errors.ts'
import type { Git } from './git.ts'
import type { Ref } from './ref.ts'

/** What to fetch: a full ref or a hash. */
export interface Wanted {
  /** As it stands left of the colon of a refspec. */
  readonly source: string
  /** `refs/heads/main`; undefined for a hash and for a HEAD that is on no branch. */
  readonly ref?: string
  readonly objectFormat: 'sha1' | 'sha256'
}

/** Asks the server what a ref stands for. @throws SW-SOURCE-REF-MISSING, SW-SOURCE-REF when it is a branch and a tag */
export async function findRef(git: Git, ref: Ref): Promise<Wanted> {
  if (ref.kind === 'hash') return { source: ref.hash, objectFormat: formatOf(ref.hash) }
  const names = ref.kind === 'head' ? ['HEAD'] : ref.candidates
  const answer = await git.reach('ls-remote', '--quiet', '--symref', '--', git.settings.address.url, ...names)
  const lines = answer.split('\n').map((line) => line.split('\t'))
  // A pattern also fits the end of longer names.
  const found = lines.filter(([hash = '', name]) => /^[\da-f]+$/.test(hash) && names.includes(name ?? ''))
  const [first, second] = found
  if (second !== undefined) throw ambiguous(git, names)
  const [hash, name] = first ?? []
  if (hash === undefined || name === undefined) throw await absent(git, ref)
  if (name !== 'HEAD') return { source: name, ref: name, objectFormat: formatOf(hash) }
  const branch = lines.find(([target, from]) => from === 'HEAD' && target?.startsWith('ref: refs/heads/'))?.[0]?.slice('ref: '.length)
  return { source: branch ?? 'HEAD', objectFormat: formatOf(hash), ...(branch === undefined ? {} : { ref: branch }) }
}

function formatOf(hash: string): 'sha1' | 'sha256' {
  return hash.length === 64 ? 'sha256' : 'sha1'
}

function ambiguous({ settings }: Git, names: readonly string[]): Error {
  return refInvalid(`${settings.address.url} has both ${names.join(' and ')}.`, { hint: `Write which of them is meant: ref: ${names[0]}` })
}

async function absent(git: Git, ref: Ref): Promise<Error> {
  const { url } = git.settings.address
  if (ref.kind !== 'name')
    return refMissing(`${url} has no HEAD that leads to a commit.`, { hint: 'Push a commit, or set `ref` to a branch.' })
  if (/^[\da-f]{7,39}$/i.test(ref.given))
    return refMissing(`${url} has no branch or tag ${ref.given}.`, { hint: 'A commit is named by its full hash: git rev-parse HEAD' })
  const listed = await git.reach('ls-remote', '--quiet', '--heads', '--tags', '--refs', '--', url)
  const known = listed.split('\n').flatMap((line) => /\trefs\/(?:heads|tags)\/(.+)$/.exec(line)?.[1] ?? [])
  const meant = suggest(ref.given.replace(/^refs\/(?:heads|tags)\//, ''), known)
  return refMissing(`${url} has no ${ref.given.startsWith('refs/') ? ref.given : `branch or tag ${ref.given}`}.`, {
    hint: meant === undefined ? `See what there is: git ls-remote ${url}` : `Did you mean ${meant}?`,
  })
}
