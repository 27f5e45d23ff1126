import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeIndex } from '../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../test/fakes/registry-scene.ts'
import { packLayer } from '../domain/packages/image.fake.ts'
import { generateKeys } from '../domain/sigstore/keys/generate.ts'
import { temporaryFolder } from '../io/fixtures/folder.ts'
import { emptyRecord, formatRecord } from '../spec/record/record.ts'
import { tasks } from '../tasks/registry.ts'
import { readPipeline } from './file.ts'
import { fakeSession, kinds } from './road.fake.ts'
import { ofType, recordOf } from './run.fake.ts'
import { runPipeline } from './run.ts'

const workspace = temporaryFolder()
const push = { where: '--push.image', task: 'push', input: 'image', value: 'r.example/app' }
const scan = { where: '--scan.database', task: 'scan', input: 'database', value: 'advisories' }

describe('the default road', () => {
  test.each([
    ['scans before push where somebody says by which advisories', [push, scan], ['test', 'build', 'sbom', 'scan', 'push']],
    ['also where nothing is pushed', [scan], ['test', 'build', 'sbom', 'scan']],
    ['and does not where nobody says so', [push], ['test', 'build', 'sbom', 'push']],
  ])('%s', async (_, overrides, expected) => {
    const { steps } = await readPipeline({ workspace, tasks, environment: {}, overrides })
    expect(steps.map(({ task }) => task.definition.name)).toEqual(expected)
  })

  test('names the image in its SBOM as the push does', async () => {
    const { steps } = await readPipeline({ workspace, tasks, environment: {}, overrides: [push] })
    expect(steps.find(({ task }) => task.definition.name === 'sbom')?.inputs.get('image')).toBe('r.example/app')
  })
})

describe('a road with a gate, of an index of which one platform has a vulnerability', () => {
  let scene: RegistryScene
  const { privateKey, publicKey } = generateKeys('p256', '')

  beforeEach(async () => {
    scene = await openRegistryScene()
    const npm = await packLayer({ 'app/node_modules/lodash/package.json': JSON.stringify({ name: 'lodash', version: '4.17.20' }) })
    const other = await packLayer({ 'app/page.html': 'page' })
    const { descriptor } = await writeIndex(scene.layout, ['amd64', 'arm64'], (content) => (content === 'arm64' ? npm : other))
    const subject = { digest: descriptor.digest, mediaType: descriptor.mediaType, layout: 'layout', platforms: [] }
    for (const folder of ['.slipway', 'advisories']) mkdirSync(join(scene.folder, folder))
    writeFileSync(join(scene.folder, '.slipway', 'record.json'), formatRecord({ ...emptyRecord, subject }))
    writeFileSync(join(scene.folder, 'cosign.key'), privateKey)
    writeFileSync(join(scene.folder, 'cosign.pub'), publicKey)
  })
  afterEach(() => scene.close())

  async function run(fixed: string) {
    const advisory = {
      ...{ schema_version: '1.7.0', id: 'CVE-2021-23337', modified: new Date().toISOString() },
      severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H' }],
      affected: [{ package: { ecosystem: 'npm', name: 'lodash' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }],
    }
    writeFileSync(join(scene.folder, 'advisories', 'one.json'), JSON.stringify(advisory))
    const image = `${scene.registry.address}/team/app`
    const road = ['sbom', 'scan: { database: advisories }', `push: { image: ${image}, tags: [1.4.0, latest] }`]
    const signing = ['sign: { key: cosign.key }', 'attest', 'verify: { key: cosign.pub, require: vsa }']
    writeFileSync(join(scene.folder, 'slipway.yaml'), `tasks:\n${[...road, ...signing].map((item) => `  - ${item}\n`).join('')}`)
    const { session, events } = await fakeSession(scene.folder)
    const failures = { kinds: [], bug: kinds.bug }
    const end = await runPipeline({ session, tasks, overrides: [], resume: false, failures, asAction: false, folder: '' })
    session.close()
    return { end, events, statuses: ofType(events, 'task-end').map(({ task, status }) => `${task} ${status}`) }
  }

  test('pushes, signs and tags nothing when the gate refuses: the registry is asked what it is, and no more', async () => {
    const { end, statuses } = await run('4.17.21')
    expect(end).toMatchObject({ exit: 3, failure: { code: 'SW-SCAN-REFUSED', message: expect.stringContaining('1 high') } })
    const after = ['push', 'sign', 'attest', 'verify', 'tag'].map((name) => `${name} not-run`)
    expect(statuses).toEqual(['sbom passed', 'scan failed', ...after])
    expect(scene.registry.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v2/', 'GET /api/v2.0/systeminfo'])
    expect(recordOf(scene.folder).findings).toMatchObject({ verdict: 'fail', severities: { high: 1 } })
  })

  test('signs the SBOM of each platform and the verdict when it lets through, and only then moves the tags', async () => {
    const { end, statuses } = await run('4.17.20')
    expect([end.failure, statuses]).toEqual([
      undefined,
      ['sbom', 'scan', 'push', 'sign', 'attest', 'verify', 'tag'].map((name) => `${name} passed`),
    ])
    const { attestations = [], sboms = [], subject } = recordOf(scene.folder)
    const of = (type: string): unknown[] => attestations.filter(({ predicateType }) => predicateType === type).map((one) => one.subject)
    expect(of('https://cyclonedx.org/bom')).toEqual(sboms.map((one) => one.subject))
    expect(of('https://slsa.dev/verification_summary/v1')).toEqual([subject?.digest])
    const writes = scene.registry.log.filter((line) => line.startsWith('PUT') && line.includes('/manifests/'))
    const tagging = writes.map((line) => /(?:manifests\/|tag=)(?:latest|1\.4\.0)/.test(line))
    expect([tagging.at(-1), tagging.indexOf(true) > tagging.lastIndexOf(false)]).toEqual([true, true])
  })
})
