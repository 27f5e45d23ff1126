import { join } from 'node:path'
import { TaskError } from '../../base/errors.ts'
import { ensureFolder } from '../../io/files.ts'
import { isSameRepository, parseAddress } from '../git/address.ts'
import type { Credentials } from '../git/environment.ts'
import { type Git, type GitPorts, openGit } from '../git/git.ts'
import type { Pair, Relation } from './prove.ts'
import type { Application } from './schema.ts'

export interface AncestrySettings {
  /** Private, exists. */
  readonly folder: string
  /** The repository that was written to, as this run reaches it; Argo CD may know it by another address. */
  readonly repository: string | undefined
  /** For that repository only. */
  readonly credentials: Credentials | undefined
  /** Variables for ssh. */
  readonly ssh: Readonly<Record<string, string | undefined>>
}

/** Milliseconds of one command of git. */
const longest = 120_000

/** Says of two commits which contains the other, as git has it: commits are fetched, no files. What cannot be found out is `unknown`. */
export function openAncestry(settings: AncestrySettings, ports: GitPorts): (pair: Pair, app: Application) => Promise<Relation> {
  const clones = new Map<string, Promise<Git>>()
  let queue: Promise<unknown> = Promise.resolve()
  // One after the other: two fetches into one repository would meet.
  return (pair, app) => {
    const answer = queue.then(() => relate(pair, app))
    queue = answer.catch(() => undefined)
    return answer
  }

  async function relate({ position, live, wanted }: Pair, { name, sources, isMultiSource }: Application): Promise<Relation> {
    const own = sources[position]?.repository ?? ''
    const { repository: given } = settings
    const url = given !== undefined && (!isMultiSource || isSameRepository(given, own)) ? given : own
    try {
      const clone = clones.get(url) ?? cloneOf(url, url === given)
      clones.set(url, clone)
      const git = await clone
      if (!(await hasBoth(git, live, wanted))) await fetchBranches(git)
      if (!(await hasCommit(git, live))) return 'unknown'
      if (!(await hasCommit(git, wanted))) return 'absent'
      if (await isWithin(git, wanted, live)) return 'ahead'
      return (await isWithin(git, live, wanted)) ? 'behind' : 'diverged'
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      clones.delete(url)
      ports.log.warn('git cannot tell whether one revision contains the other', {
        application: name,
        repository: url,
        reason: error.message,
      })
      return 'unknown'
    }
  }

  async function cloneOf(url: string, isGiven: boolean): Promise<Git> {
    const folder = join(settings.folder, String(clones.size))
    await ensureFolder(folder)
    const credentials = isGiven ? settings.credentials : undefined
    const git = openGit(
      { folder, address: parseAddress(url), credentials, ssh: settings.ssh },
      { ...ports, process: bounded(ports.process) },
    )
    await git.run('init', '--quiet', '--template=')
    return git
  }
}

/** A server that accepts and says nothing would hold up every application. */
function bounded(process: GitPorts['process']): GitPorts['process'] {
  return { ...process, run: (request) => process.run({ timeout: longest, ...request }) }
}

/** Every branch, since nobody knows which of them Argo CD follows; a server that cannot leave out files sends them all. */
async function fetchBranches(git: Git): Promise<void> {
  const { url } = git.settings.address
  const options = ['--quiet', '--no-tags', '--force', '--no-recurse-submodules', '--no-auto-maintenance', '--filter=tree:0']
  await git.reach('fetch', ...options, '--', url, '+refs/heads/*:refs/slipway/*')
  // git takes it for a clone that may be asked for what it lacks, and would ask the server at each look.
  await git.run('config', '--remove-section', `remote.${url}`)
}

async function hasBoth(git: Git, one: string, other: string): Promise<boolean> {
  return (await hasCommit(git, one)) && hasCommit(git, other)
}

async function hasCommit(git: Git, commit: string): Promise<boolean> {
  return (await git.ask('rev-parse', '--quiet', '--verify', `${commit}^{commit}`)) !== undefined
}

async function isWithin(git: Git, commit: string, tip: string): Promise<boolean> {
  return (await git.ask('merge-base', '--is-ancestor', commit, tip)) !== undefined
}
