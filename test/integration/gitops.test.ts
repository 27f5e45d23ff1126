import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Redactor } from '../../src/base/redact.ts'
import { openForge } from '../../src/domain/forge/open-forge.ts'
import { parseAddress } from '../../src/domain/git/address.ts'
import type { GitPorts } from '../../src/domain/git/git.ts'
import { keylessSigning } from '../../src/domain/gitops/keyless/sign-keyless.ts'
import type { Proposed } from '../../src/domain/gitops/proposal.ts'
import { propose } from '../../src/domain/gitops/propose.ts'
import type { Publication, Published } from '../../src/domain/gitops/publication.ts'
import { publish } from '../../src/domain/gitops/publish.ts'
import { gpgSigning } from '../../src/domain/gitops/sign-gpg.ts'
import { sshSigning } from '../../src/domain/gitops/sign-ssh.ts'
import type { Signing } from '../../src/domain/gitops/signing.ts'
import { parseTarget } from '../../src/domain/gitops/target.ts'
import { systemClock } from '../../src/io/clock.ts'
import { createProcesses } from '../../src/io/process.ts'
import { createTransport } from '../../src/io/transport.ts'
import type { Processes } from '../../src/spec/ports.ts'
import { serveServices } from '../fakes/cloud.ts'
import { fakeGitea } from '../fakes/forge/gitea.ts'
import { createForgeStore } from '../fakes/forge/store.ts'
import { fakePorts } from '../fakes/ports.ts'
import { temporaryFolder } from '../real/folder.ts'
import { startGitServer } from '../real/git-server.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('gitops')).path
const image = { name: 'r.example/team/app', tag: '1.4.0', digest: `sha256:${'a'.repeat(64)}` } as const
const reference = `r.example/team/app:1.4.0@${image.digest}`
const writers = Array.from({ length: 30 }, (_, at) => `app${at}`)
const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { a: b } }\n  template:\n    metadata: { labels: { a: b } }\n    spec:\n      containers:\n        - name: app\n          image: app\n'
const bare = join(folder, 'served/deploy.git')
let url: string

const git = (...args: string[]): Promise<string> =>
  output(['git', ...args], { cwd: bare, env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })

beforeAll(async () => {
  const work = join(folder, 'work')
  const files: Readonly<Record<string, string>> = {
    'kustomization.yaml': 'resources: [web-ssh.yaml]\nimages:\n  - name: app # ours\n  - name: signed\n  - name: proposed\n',
    'web-ssh.yaml': deployment,
    'web-gpg.yaml': deployment,
    'many.yaml': writers.map((name) => `${name}: { image: a/b:1 } # ${name}\n`).join(''),
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  await output(['helm', 'create', 'chart'], { cwd: work })
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b']
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    [...who, 'commit', '--quiet', '--message=first'],
  ]) {
    await output(['git', ...args], { cwd: work })
  }
  mkdirSync(dirname(bare), { recursive: true })
  await output(['git', 'clone', '--quiet', '--bare', work, bare])
  await git('config', 'http.receivepack', 'true')
  url = `${stack.use(await startGitServer(join(folder, 'served'), '127.0.0.1')).url}/deploy.git`
})
afterAll(() => stack.disposeAsync())

let count = 0
type Sign = (folder: string, processes: Processes) => Promise<Signing>

/** A run of its own: its folder, its processes, its publication of an image. */
function runOf(target: string): { readonly own: string; readonly ports: GitPorts; readonly publication: Publication } {
  count += 1
  const own = join(folder, `run-${count}`)
  const { ports } = fakePorts({ clock: systemClock() })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  const publication = {
    git: { folder: join(own, 'repository'), address: parseAddress(url), ssh: {} },
    ...{ branch: undefined, title: 'Deploy', timeout: 180_000, targets: [parseTarget(target)], image },
    author: { name: 'Slipway', email: 'ci@example.com' },
  }
  return { own, ports: { ...ports, process: processes }, publication }
}

async function write(target: string, sign?: Sign): Promise<Published> {
  const { own, ports, publication } = runOf(target)
  await using signing = await sign?.(own, ports.process)
  return await publish({ ...publication, author: { ...publication.author, signing } }, ports)
}

async function checkedOut(): Promise<string> {
  const place = join(folder, `look-${count}`)
  await output(['git', 'clone', '--quiet', bare, place])
  return place
}

test('Kustomize and Helm render the image, tag and digest', async () => {
  await write('kustomize kustomization.yaml app')
  await write('helm chart/values.yaml image')
  const place = await checkedOut()
  expect(await output(['kustomize', 'build', place])).toContain(`image: ${reference}\n`)
  expect(await output(['helm', 'template', 'release', join(place, 'chart')])).toContain(`image: "${reference}"`)
})

test('30 writers at once on one branch all land, each once', async () => {
  const before = Number(await git('rev-list', '--count', 'main'))
  const times: number[] = []
  const all = await Promise.all(
    writers.map(async (name) => {
      const begin = performance.now()
      const published = await write(`pointer many.yaml /${name}/image`)
      times.push(performance.now() - begin)
      return published
    }),
  )
  expect(all.every(({ isChanged }) => isChanged)).toBe(true)
  expect(Number(await git('rev-list', '--count', 'main')) - before).toBe(writers.length)
  expect(readFileSync(join(await checkedOut(), 'many.yaml'), 'utf8')).toBe(
    writers.map((name) => `${name}: { image: "${reference}" } # ${name}\n`.replaceAll('"', '')).join(''),
  )
  const sorted = times.toSorted((a, b) => a - b)
  const seconds = (at: number): string => ((sorted[at] ?? 0) / 1000).toFixed(1)
  const attempts = all.map((one) => one.attempts)
  const sum = attempts.reduce((total, one) => total + one)
  process.stderr.write(
    `30 writers: median ${seconds(14)} s, p95 ${seconds(28)} s; ${sum} attempts in all, at most ${Math.max(...attempts)} of one\n`,
  )
}, 480_000)

describe('a commit that is signed is verified by git, also when another writer was faster', () => {
  /** Both write at once, so one of them is signed anew for its second push. */
  const both = (sign: Sign, version: string): Promise<readonly Published[]> =>
    Promise.all([
      write(`manifest web-${version}.yaml Deployment/web/app`, sign),
      write(`marker chart/Chart.yaml tag ${version === 'ssh' ? 'appVersion' : 'version'}: .?{image}`, sign),
    ])

  test('by an SSH key', async () => {
    await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'ci@example.com', '-f', join(folder, 'key')])
    writeFileSync(join(folder, 'allowed'), `ci@example.com ${readFileSync(join(folder, 'key.pub'), 'utf8')}`)
    const key = readFileSync(join(folder, 'key'), 'utf8')
    const all = await both((own, processes) => sshSigning(key, own, processes), 'ssh')
    for (const { commit } of all) await git('-c', `gpg.ssh.allowedSignersFile=${join(folder, 'allowed')}`, 'verify-commit', commit)
    expect(Math.max(...all.map(({ attempts }) => attempts))).toBeGreaterThan(1)
  })

  test('by an OpenPGP key with a passphrase', async () => {
    const home = join(folder, 'gnupg')
    mkdirSync(home, { mode: 0o700 })
    const gpg = ['gpg', '--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', 'correct horse']
    await output([...gpg, '--quick-generate-key', 'Slipway <ci@example.com>', 'ed25519', 'sign', 'never'])
    const key = await output([...gpg, '--armor', '--export-secret-keys'])
    const all = await both((own, processes) => gpgSigning({ key, passphrase: 'correct horse' }, own, processes), 'gpg')
    for (const { commit } of all)
      await output(['git', 'verify-commit', commit], {
        cwd: bare,
        env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GNUPGHOME: home },
      })
    await output(['gpgconf', '--homedir', home, '--kill', 'all'])
  })
})

test('a commit signed by the identity of the run has a CMS signature by Fulcio that OpenSSL verifies, and an entry of Rekor', async () => {
  const { FULCIO_URL: authority = '', REKOR_V1_URL: log = '', OIDC_GITHUB_ISSUER: issuer = '' } = process.env
  const { ports } = fakePorts({ clock: systemClock() })
  const http = stack.use(disposable(createTransport({ userAgent: 'test', clock: systemClock(), log: ports.log, signal: ports.signal })))
  const claims = JSON.stringify({ repository: 'acme/app', ref: 'refs/heads/main' })
  const token = (): Promise<string> =>
    output(['curl', '--silent', '--fail', '--data', claims, `${issuer}/token`]).then((text) => text.trim())
  const services = { authority, logs: [{ url: log, version: 1 }], timestamps: [] } as const
  const { commit } = await write('kustomize kustomization.yaml signed', async () =>
    keylessSigning({ services, token, ports: { http, now: Date.now, patience: 30_000 } }),
  )
  const object = readCommit(await git('cat-file', 'commit', commit))
  writeFileSync(join(folder, 'signature.pem'), object.signature.replaceAll('SIGNED MESSAGE', 'CMS'))
  writeFileSync(join(folder, 'payload'), object.payload)
  const signer = join(folder, 'signer.pem')
  const args = ['-binary', '-noverify', '-inform', 'PEM', '-in', join(folder, 'signature.pem'), '-content', join(folder, 'payload')]
  await output(['openssl', 'cms', '-verify', ...args, '-signer', signer, '-out', join(folder, 'out')])
  const certificate = new X509Certificate(readFileSync(signer))
  expect(certificate.subjectAltName).toContain('acme/app')
  expect(certificate.issuer).toContain('lab')
})

/** What a signature is over, and the signature (gitformat-signature(5)). */
function readCommit(text: string): { readonly payload: string; readonly signature: string } {
  const [whole = '', signature = ''] = /\ngpgsig ((?:.*\n )*.*)/.exec(text) ?? []
  return { payload: text.replace(whole, ''), signature: `${signature.replaceAll('\n ', '\n')}\n` }
}

test('a pull request over http: opened, and its branch replaced in place', async () => {
  const store = createForgeStore({ project: 'served/deploy', token: 'token', folder: bare })
  const api = stack.use(await serveServices(fakeGitea(store)))
  const {
    ports: { log, signal },
  } = fakePorts()
  const http = stack.use(disposable(createTransport({ userAgent: 'test', clock: systemClock(), log, signal })))
  const forge = openForge({ kind: 'gitea', api: `${api.url}/api/v1`, project: 'served/deploy' }, 'token', { http, clock: systemClock() })
  const proposed = async (tag: string): Promise<Proposed> => {
    const { ports, publication } = runOf('kustomize kustomization.yaml proposed')
    const given = { head: undefined, labels: ['deploy'], reviewers: [], autoMerge: undefined, image: { ...image, tag } }
    return propose({ ...publication, ...given, branch: 'main' }, ports, forge)
  }
  const first = await proposed('1.5.0')
  const second = await proposed('1.6.0')
  expect([first.state, second.state, second.pullRequest]).toEqual(['opened', 'updated', first.pullRequest])
  expect(Number(await git('rev-list', '--count', `main..${second.branch}`))).toBe(1)
  expect(await git('show', `${second.branch}:kustomization.yaml`)).toContain('newTag: 1.6.0')
})

function disposable<T extends { close(): unknown }>(one: T): T & Disposable {
  return Object.assign(one, { [Symbol.dispose]: () => void one.close() })
}
