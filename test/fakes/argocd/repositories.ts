import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { load } from 'js-yaml'
import type { StageClock } from './clock.ts'
import type { Manifest, Source } from './types.ts'

const run = promisify(execFile)

/** What the repo-server says when it cannot. */
export class RepositoryError extends Error {
  /** The repository itself is not there: a refresh is not done then, and its annotation stays. */
  readonly isUnreachable: boolean

  constructor(message: string, isUnreachable = false) {
    super(message)
    this.isUnreachable = isUnreachable
  }
}

export interface Repositories {
  /** Stopped: nothing can be resolved. */
  isDown: boolean
  /** What a branch, a tag or HEAD leads to now; a whole hash is taken as it is. */
  resolve(source: Source, revision?: string): Promise<string>
  /** The objects in the folder of a source, at a commit. */
  render(source: Source, commit: string): Promise<readonly Manifest[]>
  /** Author, time and message. */
  describe(url: string, commit: string): Promise<object>
}

/** Reads real repositories at `file://` addresses, as the repo-server does; in no time of the stage. */
export function createRepositories(clock: StageClock): Repositories {
  const rendered = new Map<string, Promise<readonly Manifest[]>>()
  const resolve: Repositories['resolve'] = async ({ repoURL, targetRevision = 'HEAD' }, revision = targetRevision || 'HEAD') => {
    if (repositories.isDown) throw new RepositoryError('rpc error: code = Unavailable desc = connection error: connection refused', true)
    if (/^[0-9a-f]{40}$/.test(revision)) return revision
    const refs = await clock.during(git(repoURL, ['ls-remote', fileURLToPath(repoURL), revision]))
    const commit = /^[0-9a-f]{40}/.exec(refs)?.[0]
    if (commit === undefined) throw new RepositoryError(`rpc error: code = Unknown desc = unable to resolve '${revision}' to a commit SHA`)
    return commit
  }
  const repositories: Repositories = {
    isDown: false,
    resolve,
    render(source, commit) {
      if (source.path === undefined || source.path === '') return Promise.resolve([])
      if (repositories.isDown) return Promise.reject(new RepositoryError('rpc error: code = Unavailable desc = connection error', true))
      const key = `${source.repoURL} ${source.path} ${commit}`
      const known = rendered.get(key) ?? clock.during(read(source.repoURL, source.path, commit))
      rendered.set(key, known)
      return known
    },
    async describe(url, commit) {
      const text = await clock.during(git(url, ['show', '--no-patch', '--format=%an <%ae>%n%cI%n%B', commit]))
      const [author = '', date = '', ...message] = text.split('\n')
      return { author, date: new Date(date).toISOString().replace('.000Z', 'Z'), message: message.join('\n').trim() }
    },
  }
  return repositories
}

async function read(url: string, path: string, commit: string): Promise<readonly Manifest[]> {
  const names = await git(url, ['ls-tree', '--name-only', commit, `${path}/`])
  const files = names.split('\n').filter((name) => /\.(?:json|ya?ml)$/.test(name))
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await git(url, ['cat-file', 'blob', `${commit}:${file}`]) })))
  return texts.map(({ file, text }) => parsed(file, text))
}

function parsed(file: string, text: string): Manifest {
  try {
    return load(text) as Manifest
  } catch {
    const name = file.slice(file.lastIndexOf('/') + 1)
    throw new RepositoryError(`rpc error: code = FailedPrecondition desc = Failed to unmarshal "${name}": unexpected EOF`)
  }
}

async function git(url: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  try {
    return (await run('git', args, { cwd: fileURLToPath(url), env })).stdout.trim()
  } catch (error) {
    const { code, stderr = '' } = Object(error)
    if (code === 'ENOENT') throw new RepositoryError('rpc error: code = Unknown desc = failed to list refs: repository not found', true)
    throw new RepositoryError(checkoutFailed(args, String(stderr)))
  }
}

/** The words of the repo-server about a commit that it cannot have. */
function checkoutFailed(args: readonly string[], stderr: string): string {
  const commit = args.flatMap((arg) => /[0-9a-f]{40}/.exec(arg) ?? [])[0]
  if (commit === undefined) return `rpc error: code = Unknown desc = ${stderr.trim()}`
  const lines = [`fatal: git upload-pack: not our ref ${commit}`, `fatal: remote error: upload-pack: not our ref ${commit}`].join('\n')
  const fetch = `\`git fetch origin ${commit} --tags --force --prune\` failed exit status 128: ${lines}`
  return `rpc error: code = Unknown desc = failed to initialize repository resources: rpc error: code = Internal desc = Failed to checkout revision ${commit}: ${fetch}`
}
