/**
 * Projects as a file, at a real Harbor where one is named, as in harbor.test.ts. What Harbor has afterwards is looked at by its public
 * API, and by a second run that finds nothing to do.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fakeKubernetes } from '../fakes/kubernetes-secrets.ts'
import { repository as ours } from '../real/example.ts'
import { fill, temporaryFolder } from '../real/folder.ts'
import { openHarbor, type TestHarbor } from '../real/harbor.ts'
import { type Ended, end } from '../real/program.ts'
import { insecure } from './harbor/runtimes.ts'
import { reached } from './harbor/scanner.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('harbor-project')).path
const id = randomBytes(4).toString('hex')
const name = `slipway-${id}`
const [kubernetesToken, hook] = ['token-of-kubernetes', 'Bearer of-the-hook']

let harbor: TestHarbor
let project: string
let file: (more?: Parts) => string

/** What a run changes of the file. */
interface Parts {
  readonly severity?: string
  readonly members?: string
  readonly labels?: string
  readonly speed?: number
  readonly trigger?: string
}

beforeAll(async () => {
  harbor = stack.use(await openHarbor('127.0.0.1'))
  project = await harbor.project('code')
  const user = { username: name, email: `${name}@example.com`, realname: name, password: 'Passw0rd-of-e2e', comment: 'slipway e2e' }
  await harbor.call('POST', '/users', { body: user })
  stack.defer(async () => {
    const { body } = await harbor.call('GET', `/users/search?username=${name}`)
    for (const one of body as readonly { readonly user_id: number }[]) await harbor.call('DELETE', `/users/${one.user_id}`)
  })
  const instance = { name, vendor: 'dragonfly', endpoint: `http://${name}.example.com`, auth_mode: 'NONE', enabled: true }
  await harbor.call('POST', '/p2p/preheat/instances', { body: instance })
  stack.defer(async () => {
    await harbor.call('DELETE', `/projects/${project}/preheat/policies/warm`, { expect: [404] })
    await harbor.call('DELETE', `/p2p/preheat/instances/${name}`)
  })
  const registry = await reached(
    harbor,
    { of: '/registries/ping', body: { type: 'docker-registry', insecure: true } },
    await startRegistry(),
  )
  const cluster = await fakeKubernetes(kubernetesToken, ['ci'])
  stack.defer(() => cluster.close())
  file = fileFor({ registry, cluster: cluster.url })
  stack.defer(removeSystem)
}, 120_000)

afterAll(() => stack.disposeAsync(), 120_000)

/** All that Harbor asks of a registry before it keeps it. */
async function startRegistry(): Promise<number> {
  const server = createServer((_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  await once(server.listen(0, '0.0.0.0'), 'listening')
  stack.defer(() => void server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

async function removeSystem(): Promise<void> {
  for (const kind of ['/replication/policies', '/registries']) {
    const { body } = await harbor.call('GET', `${kind}?page_size=100`)
    const own = ((body ?? []) as readonly { readonly id: number; readonly name: string }[]).filter((one) => one.name === name)
    for (const one of own) await harbor.call('DELETE', `${kind}/${one.id}`)
  }
}

const fileFor =
  ({ registry, cluster }: { readonly registry: string; readonly cluster: string }): typeof file =>
  ({ severity = 'high', members = 'developer', labels = 'prod: { color: "#ff0000", description: live }', speed = -1, ...more } = {}) =>
    `
registries:
  ${name}: { type: docker-registry, url: "${registry}/", insecure: true, description: of slipway }
replication:
  ${name}:
    to: ${name}
    filters: { name: "${project}/**", tag: "v*" }
    namespace: mirror
    flatten: 1
    trigger: ${more.trigger ?? 'manual'}
    speed-kb: ${speed}
    enabled: false
projects:
  ${project}:
    metadata:
      public: false
      auto-scan: true
      prevent-vul: true
      severity: ${severity}
      enable-content-trust-cosign: true
      reuse-sys-cve-allowlist: false
    quota: 5GiB
    cve-allowlist: { items: [CVE-2026-2, CVE-2026-1], expires: 2099-01-31 }
    members: { ${name}: ${members} }
    labels: { ${labels} }
    immutability: [{ tags: "v*" }, { tags-except: dev, repositories: app }]
    retention: { schedule: daily, rules: [{ keep: latest-pushed, count: 10 }, { keep: always, tags: "v*" }] }
    webhooks:
      ci: { url: "https://ci.example.com/hook", events: [SCANNING_FAILED, PUSH_ARTIFACT], auth-header: { secret: HOOK } }
    preheat:
      warm: { provider: ${name}, filters: { repository: app, tag: "v*" }, trigger: scheduled, cron: "0 0 2 * * *" }
    robots:
      ci:
        permissions: [push, scan]
        description: pushes
        duration: 30d
        secret-to: [{ kubernetes: ci/harbor, server: "${cluster}", token: { secret: KUBERNETES } }]
`

async function harborProject(mode: string, parts: Parts = {}, ...more: readonly string[]): Promise<Ended> {
  fill(folder, { 'harbor.yaml': file(parts) })
  return run('--mode', mode, '--file', 'harbor.yaml', ...more)
}

function run(...argv: readonly string[]): Promise<Ended> {
  const { SLIPWAY_HARBOR_USERNAME: admin = 'admin', SLIPWAY_HARBOR_PASSWORD: password = 'admin-Passw0rd' } = process.env
  const secrets = { HARBOR: password, SECRETS: `HOOK=${hook}\nKUBERNETES=${kubernetesToken}` }
  const env = { ...process.env, ...secrets, ...insecure(harbor), SLIPWAY_HOST: 'local' }
  const command = [process.execPath, join(ours, 'dist', 'slipway', 'index.js'), 'harbor-project', '--url', harbor.url]
  const account = ['--username', admin, '--password-from-env', 'HARBOR', '--secrets-from-env', 'SECRETS']
  return end([...command, ...account, ...argv], { cwd: folder, env })
}

const told = ({ stdout, stderr }: Ended): string => `${stdout}\n${stderr}`

describe('a file with every kind of settings', () => {
  it('is made so, and is so: a check finds nothing, and a second apply writes nothing', async () => {
    const made = await harborProject('apply')
    expect({ status: made.status, said: made.status === 0 ? '' : told(made) }).toEqual({ status: 0, said: '' })
    const check = await harborProject('check')
    expect({ status: check.status, said: check.status === 0 ? '' : told(check) }).toEqual({ status: 0, said: '' })
    const { body } = await harbor.call('GET', `/projects/${project}`)
    expect(body).toMatchObject({ metadata: { severity: 'high', enable_content_trust_cosign: 'true' } })
    const again = told(await harborProject('apply'))
    expect(again).toMatch(/\d+ unchanged/)
    expect(again).not.toMatch(/\d (?:created|changed|deleted)/)
  }, 120_000)

  it('tells what somebody else has changed, by exit code 3, and mends it', async () => {
    await harbor.call('PUT', `/projects/${project}`, { body: { metadata: { severity: 'low' } } })
    const drift = await harborProject('check')
    expect({ status: drift.status, said: told(drift) }).toEqual({ status: 3, said: expect.stringContaining('metadata › severity') })
    expect((await harborProject('apply')).status).toBe(0)
    expect((await harborProject('check')).status).toBe(0)
  }, 120_000)

  it('changes what the file changes, and deletes what prune names', async () => {
    const parts = { severity: 'critical', members: 'maintainer', labels: 'next: { color: "#00ff00" }', speed: 100, trigger: 'event-based' }
    const changed = await harborProject('apply', parts, '--prune', 'labels')
    expect({ status: changed.status, said: changed.status === 0 ? '' : told(changed) }).toEqual({ status: 0, said: '' })
    expect((await harborProject('check', parts, '--prune', 'labels')).status).toBe(0)
    const { body } = await harbor.call('GET', `/projects/${project}`)
    const { body: labels } = await harbor.call('GET', `/labels?scope=p&project_id=${Object(body).project_id}`)
    expect((labels as readonly { readonly name: string }[]).map((one) => one.name)).toEqual(['next'])
    expect((await harborProject('apply')).status).toBe(0)
  }, 120_000)

  it('is what export writes, but for who keeps secrets', async () => {
    const exported = await run('--mode', 'export', '--file', `exported-${id}.yaml`, '--projects', project)
    expect({ status: exported.status, said: exported.status === 0 ? '' : told(exported) }).toEqual({ status: 0, said: '' })
    const text = readFileSync(join(folder, `exported-${id}.yaml`), 'utf8')
    expect(text).toContain('cron: 0 0 2 * * *')
    expect(text).not.toContain(hook)
    fill(folder, { 'again.yaml': text.replaceAll(/secret: \w+/g, 'secret: HOOK') })
    const again = await run('--mode', 'check', '--file', 'again.yaml')
    expect({ status: again.status, said: again.status === 0 ? '' : told(again) }).toEqual({ status: 0, said: '' })
  }, 120_000)

  it('has its robot replaced, by one that Harbor lets in', async () => {
    const rotated = await harborProject('rotate', {}, '--rotate-now', `${project}/ci`)
    expect({ status: rotated.status, said: told(rotated) }).toEqual({ status: 0, said: expect.stringContaining('ci-g2') })
    expect((await harborProject('check')).status).toBe(0)
  }, 120_000)
})
