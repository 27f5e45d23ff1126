import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CloudService, serveServices } from '../../../test/fakes/cloud.ts'
import { fakeGitea } from '../../../test/fakes/forge/gitea.ts'
import { fakeGithub } from '../../../test/fakes/forge/github.ts'
import { fakeGitlab } from '../../../test/fakes/forge/gitlab.ts'
import { createForgeStore, type ForgeStore } from '../../../test/fakes/forge/store.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { createProcesses } from '../../io/process.ts'
import { createTransport } from '../../io/transport.ts'
import type { Clock, Http, HttpRequest, ProcessRequest } from '../../spec/ports.ts'
import type { ForgeKind } from '../forge/address.ts'
import type { Forge } from '../forge/forge.ts'
import { openForge } from '../forge/open-forge.ts'
import { parseAddress } from '../git/address.ts'
import { createRepository, type Repository, runGit } from '../git/fixtures/repository.ts'
import type { GitPorts } from '../git/git.ts'
import type { Proposal } from './proposal.ts'
import { parseTarget } from './target.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const
export const image = (tag: string, letter = 'a') => ({ name: 'r.example/team/app', tag, digest: digest(letter) }) as const

const services: Readonly<Record<ForgeKind, (store: ForgeStore) => CloudService>> = {
  github: fakeGithub,
  gitlab: (store) => fakeGitlab(store, { ann: 7 }),
  gitea: fakeGitea,
}
const roots: Readonly<Record<ForgeKind, string>> = { github: '/api/v3', gitlab: '/api/v4', gitea: '/api/v1' }
const projects: Readonly<Record<ForgeKind, string>> = { github: 'acme/deploy', gitlab: 'acme/platform/deploy', gitea: 'acme/deploy' }

/** A repository, its forge behind a real server, and what is asked of it. */
export interface ForgeScene extends AsyncDisposable {
  readonly repository: Repository
  readonly store: ForgeStore
  readonly forge: Forge
  readonly asked: string[]
  readonly ports: GitPorts
  readonly lines: readonly string[]
  /** Called before git is started, and before the forge is asked. */
  before: (what: ProcessRequest | HttpRequest) => void
  proposal(given?: Partial<Proposal>): Proposal
  shown(branch: string, path?: string): string
  /** A commit of somebody else on a branch. */
  commit(branch: string, files: Readonly<Record<string, string>>): string
}

export async function forgeScene(kind: ForgeKind, clock: Clock = quick): Promise<ForgeScene> {
  const repository = createRepository({ files: { 'app.yaml': 'image: a/b:1 # ours\n', 'other.yaml': 'x: 1\n' } })
  repository.git('config', 'core.bare', 'true')
  const folder = mkdtempSync(join(tmpdir(), 'slipway-forge-'))
  const store = createForgeStore({ project: projects[kind], token: 'forge-token-1', folder: repository.folder })
  const server = await serveServices(services[kind](store))
  const { ports, recorded } = fakePorts({ clock })
  const transport = createTransport({ userAgent: 'test', clock, log: ports.log, signal: ports.signal })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  const asked: string[] = []
  const http: Http = {
    request: (request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname.slice(roots[kind].length)}`)
      scene.before(request)
      return transport.request(request)
    },
  }
  const run = (request: ProcessRequest): ReturnType<typeof processes.run> => {
    scene.before(request)
    return processes.run(request)
  }
  const forge = openForge({ kind, api: `${server.url}${roots[kind]}`, project: projects[kind] }, 'forge-token-1', { http, clock })
  let count = 0
  const scene: ForgeScene = {
    ...{
      repository,
      store,
      forge,
      asked,
      lines: recorded.lines,
      before: () => undefined,
      ports: { ...ports, process: { ...processes, run } },
    },
    proposal(given) {
      count += 1
      return {
        ...{
          git: { folder: join(folder, String(count)), address: parseAddress(repository.url), ssh: {} },
          branch: 'main',
          head: undefined,
        },
        ...{ targets: [parseTarget('helm app.yaml image')], image: image('1.4.0'), title: 'Deploy app:1.4.0', timeout: 30_000 },
        ...{ author: { name: 'Slipway', email: 'ci@example.com' }, labels: [], reviewers: [], autoMerge: undefined, ...given },
      }
    },
    shown: (branch, path = 'app.yaml') => runGit(repository.folder, ['cat-file', 'blob', `${branch}:${path}`]),
    commit(branch, files) {
      repository.git('config', 'core.bare', 'false')
      repository.git('checkout', '--quiet', '--force', branch)
      const commit = repository.commit(files)
      repository.git('checkout', '--quiet', '--detach')
      repository.git('config', 'core.bare', 'true')
      return commit
    },
    async [Symbol.asyncDispose]() {
      transport.close()
      await server[Symbol.asyncDispose]()
      repository[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return scene
}

const quick: Clock = { now: Date.now, sleep: (milliseconds) => new Promise((end) => setTimeout(end, Math.min(milliseconds / 50, 50))) }
