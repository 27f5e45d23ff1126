import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll, exportActions, runWorkflow, type WorkflowRun } from '../real/act.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { fill, temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('scan-workflow')).path
const actions = join(folder, 'actions')
const token = 'ghs_e2eTokenThatMustNotBePrinted0123456789'
let registry: string

const workflow = `
on: push
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: build
        uses: slipway-ci/slipway/actions/build@v1
        with:
          base: scratch
          layers: app:/srv/app
          cmd: /srv/app/program
          platforms: linux/amd64, linux/arm64
      - id: sbom
        uses: slipway-ci/slipway/actions/sbom@v1
      - id: scan
        uses: slipway-ci/slipway/actions/scan@v1
        with:
          database: advisories
      - id: push
        uses: slipway-ci/slipway/actions/push@v1
        with:
          image: \${{ vars.IMAGE }}
          tags: latest
`

const advisory = (fixed: string): string =>
  JSON.stringify({
    ...{ schema_version: '1.7.0', id: 'CVE-2021-23337', modified: new Date().toISOString(), summary: 'lodash does too much' },
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [{ package: { ecosystem: 'npm', name: 'lodash' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }],
  })

async function run(name: string, fixed: string): Promise<WorkflowRun> {
  const project = join(folder, name)
  fill(project, {
    '.github/workflows/release.yml': workflow,
    'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
    'advisories/one.json': advisory(fixed),
  })
  await commitAll(project)
  const vars = { IMAGE: `${registry}/acme/${name}` }
  return runWorkflow({ project, actions, cache: join(folder, 'cache'), vars, token })
}

beforeAll(async () => {
  mkdirSync(join(folder, 'registry'))
  registry = stack.use(await startDockerRegistry(join(folder, 'registry'))).address
  await exportActions(actions)
}, 300_000)
afterAll(() => stack.disposeAsync())

describe('a workflow with a gate before the push', () => {
  let stopped: WorkflowRun

  beforeAll(async () => {
    stopped = await run('refused', '4.17.21')
  }, 300_000)

  it('pushes nothing when the gate refuses', async () => {
    expect(stopped).toMatchObject({ result: 'failure', results: { build: 'success', sbom: 'success', scan: 'failure' } })
    expect(stopped.results['push'] ?? 'skipped').toBe('skipped')
    expect((await end(['crane', 'ls', '--insecure', `${registry}/acme/refused`])).stderr).toContain('NAME_UNKNOWN')
  })

  it('says what was found, as outputs and at once', () => {
    expect(stopped.outputs).toMatchObject({ 'scan.verdict': 'fail', 'scan.critical': '1' })
    expect(stopped.log).toMatch(/✗ critical 9\.8 +CVE-2021-23337 +lodash 4\.17\.20 +→ 4\.17\.21/)
  })

  // act names api.github.com whatever a step says: uploads are tested beside the task, against a server of their own.
  it('remarks on nothing but the refusal: a step without a token uploads nothing', () => {
    expect(stopped.annotations.map(({ level, at }) => [level, at['title']])).toEqual([['error', 'SW-SCAN-REFUSED']])
  })

  it('pushes when it lets through', async () => {
    const done = await run('passed', '4.17.20')
    expect(done).toMatchObject({ result: 'success', results: { scan: 'success', push: 'success' } })
    expect(await output(['crane', 'digest', '--insecure', `${registry}/acme/passed:latest`])).toBe(`${done.outputs['build.digest']}\n`)
  }, 300_000)
})
