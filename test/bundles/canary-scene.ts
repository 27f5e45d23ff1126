import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { startFakeArgoCd } from '../fakes/argocd/argocd.ts'
import { startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { silent } from '../fakes/served-registry.ts'
import { newFolder } from '../models/folders.ts'
import { startTokenService } from '../models/runner/oidc.ts'
import { startGitServer } from '../real/git-server.ts'
import { robot, secrets } from './canaries.ts'

export interface CanaryScene extends AsyncDisposable {
  /** host:port of a registry that wants the account. */
  readonly registry: string
  /** What that registry and the Git server keep. */
  readonly stored: readonly string[]
  /** A server that says back whatever it is told, as a broken proxy does. */
  readonly echo: string
  /** A Git server: of each host a repository, HOST.git, to deliver to. */
  readonly git: string
  readonly harbor: string
  readonly argocd: string
  /** How a job of GitHub gets its identity token. */
  readonly job: Readonly<Record<string, string>>
}

/** What the token of a workflow says (docs.github.com, OpenID Connect reference); the mark is in no provenance. */
const claims = {
  ...{ ref: 'refs/heads/main', sha: 'c'.repeat(40), repository: 'acme/app', event_name: 'push', repository_id: '1' },
  ...{ workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main', repository_owner_id: '2', run_id: '3', run_attempt: '1' },
  ...{ job_workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main', runner_environment: 'github-hosted' },
}

/** All servers that the tasks are shown secrets by. */
export async function openCanaryScene(hosts: readonly string[]): Promise<CanaryScene> {
  await using stack = new AsyncDisposableStack()
  const [stored, served] = [newFolder(), newFolder()]
  const credentials = { username: robot, password: secrets.registry }
  const registry = await listen(await createRegistry({ root: stored, log: silent, credentials }))
  stack.defer(() => registry.close())
  const echo = await listen(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const heard = JSON.stringify({ message: `${Buffer.concat(pieces).toString()} ${JSON.stringify(request.headers)}` })
    response.writeHead(400, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="x"' }).end(heard)
  })
  stack.defer(() => echo.close())
  const job = await startTokenService({ claims })
  stack.defer(() => job.close())
  const harbor = stack.use(await startFakeHarbor())
  for (const user of harbor.state.users) user.password = secrets.harbor
  const argocd = stack.use(await startFakeArgoCd({ password: secrets.argocd }))
  for (const host of hosts) makeRepository(join(served, `${host}.git`))
  const git = stack.use(await startGitServer(served, '127.0.0.1'))
  const opened = stack.move()
  return {
    ...{
      registry: registry.address,
      stored: [stored, served],
      echo: echo.url,
      git: git.url,
      harbor: harbor.url,
      argocd: argocd.url,
      job: job.environment,
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export interface Spies {
  /** PATH with them first. */
  readonly path: string
  /** The arguments that they were started with. */
  started(): string
}

/** Programs that write down how they are started, in a folder of a workspace: there a container may write as well. */
export function placeSpies(workspace: string): Spies {
  const folder = join(workspace, '.spies')
  mkdirSync(folder)
  const [argv, path = ''] = [join(folder, 'argv'), process.env['PATH']]
  for (const name of ['git', 'ssh-keygen']) {
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' ${name} "$@" >> '${argv}'\nPATH='${path}' exec ${name} "$@"\n`, {
      mode: 0o755,
    })
  }
  writeFileSync(argv, '')
  return { path: [folder, path].join(delimiter), started: () => readFileSync(argv, 'utf8') }
}

/** A repository without a checkout whose branch main has one commit, and that takes pushes. */
function makeRepository(folder: string): void {
  const work = newFolder()
  writeFileSync(join(work, 'kustomization.yaml'), 'images:\n  - name: app\n')
  const git = (...args: string[]): Buffer => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: work })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=first')
  git('clone', '--quiet', '--bare', work, folder)
  git('-C', folder, 'config', 'http.receivepack', 'true')
}
