import { execFileSync } from 'node:child_process'

/** A pull request as a forge keeps it. */
export interface StoredRequest {
  readonly number: number
  title: string
  body: string
  readonly head: string
  readonly base: string
  /** Where the head is: a fork may have a branch of the same name. */
  readonly from: string
  state: 'open' | 'closed' | 'merged'
  readonly labels: Set<string>
  readonly reviewers: string[]
  readonly comments: string[]
  /** How it is to be merged when its checks allow it. */
  armed: string | undefined
}

/** What all fake forges have behind their APIs: pull requests, and a real repository. */
export interface ForgeStore {
  readonly project: string
  /** The one that it takes. */
  token: string
  readonly requests: StoredRequest[]
  /** `none`: there is nothing to wait for; `pending`: they have not ended; `unknown`: the forge is still working it out, so many times. */
  checks: 'none' | 'pending'
  unknown: number
  /** Whether only a merge queue may write to the base. */
  queue: boolean
  open(head: string, base: string): StoredRequest | undefined
  add(draft: Pick<StoredRequest, 'head' | 'base' | 'title' | 'body'> & Partial<Pick<StoredRequest, 'from'>>): StoredRequest
  tip(branch: string): string | undefined
  blob(commit: string, path: string): string | undefined
  commit(wanted: StoredCommit): string
  /** With a message: as one commit of its own. */
  merge(request: StoredRequest, squashed?: string): void
}

interface StoredCommit {
  readonly branch: string
  readonly message: string
  readonly author?: { readonly name: string; readonly email: string } | undefined
  /** Base64. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

export function createForgeStore({
  project,
  token,
  folder,
}: {
  readonly project: string
  readonly token: string
  readonly folder: string
}): ForgeStore {
  const requests: StoredRequest[] = []
  const git = (args: readonly string[], input?: Buffer, env: Readonly<Record<string, string>> = {}): string =>
    execFileSync('git', args, {
      ...{ cwd: folder, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], input: input ?? Buffer.alloc(0) },
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        ...env,
      },
    }).trim()
  const found = (args: readonly string[]): string | undefined => {
    try {
      return git(args)
    } catch {
      return undefined
    }
  }
  const tip = (branch: string): string | undefined => found(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])
  return {
    ...{ project, token, requests, checks: 'pending', unknown: 0, queue: false, tip },
    open: (head, base) => requests.find((one) => one.from === project && one.state === 'open' && one.head === head && one.base === base),
    add(draft) {
      const request: StoredRequest = {
        ...{
          from: project,
          ...draft,
          number: requests.length + 1,
          state: 'open',
          labels: new Set<string>(),
          reviewers: [],
          comments: [],
          armed: undefined,
        },
      }
      requests.push(request)
      return request
    },
    blob: (commit, path) => found(['rev-parse', '--verify', '--quiet', `${commit}:${path}`]),
    commit({ branch, message, author = { name: 'forge', email: 'noreply@forge.example' }, files }) {
      const parent = tip(branch) ?? ''
      const env = { GIT_INDEX_FILE: `${folder}/.forge-index` }
      git(['read-tree', parent], undefined, env)
      for (const { path, content } of files) {
        const mode = git(['ls-tree', parent, path]).slice(0, 6)
        const hash = git(['hash-object', '-w', '--stdin', '--no-filters'], Buffer.from(content, 'base64'))
        git(['update-index', '--add', '--cacheinfo', `${mode},${hash},${path}`], undefined, env)
      }
      const tree = git(['write-tree'], undefined, env)
      const who = {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_COMMITTER_NAME: 'forge',
        GIT_COMMITTER_EMAIL: 'noreply@forge.example',
      }
      const commit = git(['commit-tree', '-p', parent, '-m', message, tree], undefined, who)
      git(['update-ref', `refs/heads/${branch}`, commit, parent])
      return commit
    },
    merge(request, squashed) {
      const who = { GIT_AUTHOR_NAME: 'f', GIT_AUTHOR_EMAIL: 'f@f', GIT_COMMITTER_NAME: 'f', GIT_COMMITTER_EMAIL: 'f@f' }
      const [base, head] = [`refs/heads/${request.base}`, `refs/heads/${request.head}`]
      const merged = squashed === undefined ? head : git(['commit-tree', '-p', base, '-m', squashed, `${head}^{tree}`], undefined, who)
      git(['update-ref', base, merged])
      request.state = 'merged'
    },
  }
}
