import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redactor } from '../../src/base/redact.ts'
import { parseAddress } from '../../src/domain/git/address.ts'
import type { Published } from '../../src/domain/gitops/publication.ts'
import { publish } from '../../src/domain/gitops/publish.ts'
import { sshSigning } from '../../src/domain/gitops/sign-ssh.ts'
import { parseTarget } from '../../src/domain/gitops/target.ts'
import { systemClock } from '../../src/io/clock.ts'
import { createProcesses } from '../../src/io/process.ts'
import { fakePorts } from '../fakes/ports.ts'
import { temporaryFolder } from '../real/folder.ts'
import { startGitServer } from '../real/git-server.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('gitops')).path
const image = { name: 'r.example/team/app', tag: '1.4.0', digest: `sha256:${'a'.repeat(64)}` } as const
const reference = `r.example/team/app:1.4.0@${image.digest}`
const writers = Array.from({ length: 30 }, (_, at) => `app${at}`)
const bare = join(folder, 'served/deploy.git')
let url: string

const git = (...args: string[]): Promise<string> =>
  output(['git', ...args], { cwd: bare, env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })

beforeAll(async () => {
  const work = join(folder, 'work')
  const files: Readonly<Record<string, string>> = {
    'kustomization.yaml': 'resources: [web.yaml]\nimages:\n  - name: app # ours\n',
    'web.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { a: b } }\n  template:\n    metadata: { labels: { a: b } }\n    spec:\n      containers:\n        - name: app\n          image: app\n',
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
async function write(target: string, signingKey?: string): Promise<Published> {
  count += 1
  const own = join(folder, `run-${count}`)
  const { ports } = fakePorts({ clock: systemClock() })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  await using signing = signingKey === undefined ? undefined : await sshSigning(signingKey, own, processes)
  return await publish(
    {
      ...{
        git: { folder: join(own, 'repository'), address: parseAddress(url), ssh: {} },
        branch: undefined,
        title: 'Deploy',
        timeout: 180_000,
      },
      ...{ targets: [parseTarget(target)], image, author: { name: 'Slipway', email: 'ci@example.com', signing } },
    },
    { ...ports, process: processes },
  )
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
}, 240_000)

test('a commit signed by an SSH key is verified by git, also when another writer was faster', async () => {
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'ci@example.com', '-f', join(folder, 'key')])
  writeFileSync(join(folder, 'allowed'), `ci@example.com ${readFileSync(join(folder, 'key.pub'), 'utf8')}`)
  const key = readFileSync(join(folder, 'key'), 'utf8')
  const [one, two] = await Promise.all([
    write('manifest web.yaml Deployment/web/app', key),
    write('marker chart/Chart.yaml tag appVersion: "{image}"', key),
  ])
  for (const { commit } of [one, two]) {
    await git('-c', `gpg.ssh.allowedSignersFile=${join(folder, 'allowed')}`, 'verify-commit', commit)
  }
  expect(await git('merge-base', '--is-ancestor', one.commit, 'main')).toBe('')
})
