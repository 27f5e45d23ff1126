import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll } from '../../real/act.ts'
import { Namespace, type Volume } from '../../real/cluster.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { end, output } from '../../real/program.ts'
import { readRecord } from '../../real/task-image.ts'
import { claimed, generated, type Params, type PipelineRunEnd, params, pipelineEnd, startPipeline } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('scan')).path
/** Seconds: three roads at once share the node with others. */
const patience = 240

let namespace: Namespace
let repository: string

/** An advisory of npm about all versions of lodash below one. */
const advisory = (id: string, fixed: string): string =>
  JSON.stringify({
    ...{ schema_version: '1.7.0', id, modified: new Date().toISOString(), summary: 'lodash does too much' },
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [{ package: { ecosystem: 'npm', name: 'lodash' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }],
  })

beforeAll(async () => {
  const project = join(folder, 'project')
  fill(project, {
    'one.test.js': `import { test } from 'node:test'\ntest('one', () => undefined)\n`,
    'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
    'advisories/one.json': advisory('CVE-2021-23337', '4.17.21'),
    'package.json': '{"type":"module"}',
  })
  await commitAll(project)
  await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'project.git')])
  repository = `${stack.use(await startGitServer(join(folder, 'served'), address)).url}/project.git`
  namespace = stack.use(await Namespace.create('scan'))
  await namespace.apply(generated(image))
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

const given = (name: string, more: Params): readonly unknown[] =>
  params({
    'source-repository': repository,
    'test-image': image,
    'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
    'test-reports': ['junit.xml'],
    'build-base': 'scratch',
    'build-layers': ['app:/srv/app'],
    'build-cmd': ['/srv/app/program'],
    'build-platforms': ['linux/amd64', 'linux/arm64'],
    'push-image': `${registry}/scan/${name}`,
    'push-plain-http': 'true',
    'push-tags': ['1.0.0', 'latest'],
    ...more,
  })

interface Ended {
  readonly volume: Volume
  readonly run: PipelineRunEnd
}

async function road(pipeline: string, name: string, values: Params, more: readonly unknown[] = []): Promise<Ended> {
  const volume = await namespace.claim(name)
  const spec = { pipelineRef: { name: pipeline }, workspaces: [claimed('source', volume.claim), ...more], params: given(name, values) }
  return { volume, run: await pipelineEnd(namespace, await startPipeline(namespace, spec), patience) }
}

/** No second claim: a Tekton as it is installed binds one to a task. */
async function kept(): Promise<unknown> {
  const data = { 'npm.json': advisory('CVE-2021-23337', '4.17.20') }
  await namespace.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'advisories' }, data }])
  return { name: 'advisories', configMap: { name: 'advisories' } }
}

describe('the gate of the road', () => {
  let refused: Ended
  let passed: Ended
  let unscanned: Ended

  // All at once: most of the time of a pod is waiting.
  beforeAll(async () => {
    const advisories = await kept()
    ;[refused, passed, unscanned] = await Promise.all([
      road('slipway-release-signed', 'refused', { 'scan-database': 'advisories' }),
      road('slipway-release', 'passed', { 'scan-database': '/workspace/advisories' }, [advisories]),
      road('slipway-release', 'unscanned', {}),
    ])
  }, 600_000)

  it('that refuses leaves nothing pushed, signed or tagged', async () => {
    const { run } = refused
    expect([run.succeeded, Object.fromEntries(Object.entries(run.tasks).map(([name, { succeeded }]) => [name, succeeded]))]).toEqual([
      false,
      { source: true, preflight: true, test: true, build: true, sbom: true, scan: false, report: true },
    ])
    expect(run.tasks['scan']?.steps).toMatchObject([{ exitCode: 3 }])
    expect((await end(['crane', 'ls', '--insecure', `${registry}/scan/refused`])).stderr).toContain('NAME_UNKNOWN')
    expect(run.tasks['report']?.results['headline']).toMatch(/^failed at scan · /)
  })

  it('says why, in its results and as Konflux reads it, over all platforms', () => {
    const { results, log } = refused.run.tasks['scan'] ?? {}
    const none = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 }
    expect(results).toMatchObject({ verdict: 'fail', critical: '1', high: '0' })
    expect(JSON.parse(String(results?.['SCAN_OUTPUT']))).toEqual({
      vulnerabilities: { ...none, critical: 1 },
      unpatched_vulnerabilities: none,
    })
    expect(JSON.parse(String(results?.['TEST_OUTPUT']))).toMatchObject({ result: 'FAILURE', failures: 1 })
    expect(log).toMatch(/✗ critical 9\.8 +CVE-2021-23337 +lodash 4\.17\.20 +→ 4\.17\.21/)
    expect(readRecord(refused.volume.folder)).toMatchObject({ findings: { verdict: 'fail' }, sboms: [{}, {}] })
  })

  it('that lets through goes on, by advisories of a workspace of their own', async () => {
    const { run } = passed
    expect([run.succeeded, run.skipped, run.tasks['scan']?.results['verdict']]).toEqual([true, [], 'pass'])
    expect(JSON.parse(String(run.tasks['scan']?.results['TEST_OUTPUT']))).toMatchObject({ result: 'SUCCESS' })
    expect(await output(['crane', 'digest', '--insecure', `${registry}/scan/passed:latest`])).toBe(`${run.results['push-digest']}\n`)
  })

  it('is left out where nobody says by which advisories, and the road goes on', async () => {
    const { run } = unscanned
    expect([run.succeeded, run.skipped]).toEqual([true, ['scan']])
    expect(await output(['crane', 'digest', '--insecure', `${registry}/scan/unscanned:latest`])).toBe(`${run.results['push-digest']}\n`)
    expect(run.tasks['report']?.results).toMatchObject({ status: 'passed' })
  })
})
