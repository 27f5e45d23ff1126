import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Block } from '../../spec/ports.ts'
import { emptyRecord, type ReleaseRecord, sections } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const digest = sha256('app')
const image = 'registry.example.com/team/app'

/** A record in which every task that there is has written. */
const whole: ReleaseRecord = {
  ...emptyRecord,
  source: { url: 'https://example.com/app.git', commit: 'c'.repeat(40), ref: 'refs/heads/main', signer: 'a@example.com' },
  tests: { passed: 24, failed: 0, skipped: 1, flaky: 2, duration: 61_000, coverage: 0, reports: ['junit.xml'], verdict: 'pass' },
  subject: {
    digest,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    layout: '.slipway/layout',
    platforms: [{ platform: 'linux/amd64', digest, size: 2048 }],
    base: { name: 'node-runtime' },
    revision: 'c'.repeat(40),
  },
  pushes: [{ image, digest, tags: ['1.4.0', 'latest'] }],
  sboms: [{ subject: digest, platform: 'linux/amd64', format: 'spdx', path: 'sbom.json', file: digest, packages: 1 }],
  findings: { subject: digest, severities: { critical: 1, high: 0, medium: 2, low: 0, unknown: 0 }, verdict: 'fail' },
  signatures: [{ subject: digest, image, format: 'cosign-bundle', digest, identity: 'ci@example.com' }],
  attestations: [{ subject: digest, image, predicateType: 'https://slsa.dev/provenance/v1', digest }],
  verifications: [{ subject: digest, image, verdict: 'pass', reasons: ['signed', 'fresh'] }],
  tags: [{ image, digest, tags: ['1.4.0', 'latest'] }],
  promotions: [{ from: image, to: 'registry.example.com/prod/app', digest, tags: ['1.4.0'] }],
  gitops: { repository: 'https://example.com/deploy.git', branch: 'main', commit: 'd'.repeat(40), pullRequest: 'https://example.com/1' },
  deployment: { application: 'app', revision: 'd'.repeat(40), health: 'Healthy', result: 'pass' },
  gate: { verdict: 'pass', burnRates: { '1h': 0.5 } },
  rollout: { waves: [{ name: 'eu', done: 3, failed: 0 }], result: 'pass' },
  preview: { url: 'https://pr-1.example.com', namespace: 'pr-1', expires: '2026-12-01' },
  catalog: [{ name: 'base', source: 'docker.io/library/node', sourceDigest: digest, image, digest }],
  mesh: { verdict: 'pass', report: 'mesh.json' },
}

async function report(record: ReleaseRecord, inputs: Readonly<Record<string, Raw>> = {}, file?: string): Promise<Outcome> {
  const { ports } = fakePorts()
  mkdirSync(ports.files.state, { recursive: true })
  if (file !== undefined) writeFileSync(`${ports.files.state}/record.json`, file)
  return execute({ definition: task, load: async () => run }, { inputs: new Map(Object.entries(inputs)), record, ports })
}

function rows(blocks: readonly Block[], title: string): readonly (readonly string[])[] {
  const found = blocks.find((block) => block.kind === 'table' && block.title === title)
  return found?.kind === 'table' ? found.rows : []
}

describe('the release', () => {
  it('is told whole, section by section, and the record left alone', async () => {
    const { summary, outputs, record, failure } = await report(whole, { status: 'Succeeded' })
    const told = rows(summary, 'Release')
    expect([failure, record, told.flatMap(([section]) => (section === '' ? [] : [section]))]).toEqual([undefined, whole, [...sections]])
    expect(told).toEqual(
      expect.arrayContaining([
        ['source', `https://example.com/app.git · refs/heads/main · ${'c'.repeat(40)} · signed by a@example.com`],
        ['tests', '24 passed, 1 skipped, 2 flaky · coverage 0 % · 1 min 1 s'],
        ['', `linux/amd64 · 2.0 kB · ${digest}`],
        ['pushes', `${image}@${digest} · 1.4.0, latest`],
        ['findings', 'fail · 1 critical, 2 medium'],
        ['', 'eu · 3 done · 0 failed'],
      ]),
    )
    expect(Object.fromEntries(outputs)).toEqual({ status: 'passed', headline: `passed · 24 passed, 1 skipped, 2 flaky · ${image}:1.4.0` })
  })

  it.each(sections)('is told when nothing but %s is known', async (section) => {
    const { summary, failure } = await report({ ...emptyRecord, [section]: whole[section] })
    expect([failure, rows(summary, 'Release')[0]?.[0]]).toEqual([undefined, section])
  })

  it('of an earlier run is told apart from what this one did', async () => {
    const tasks = ['source=Succeeded', 'test=Failed', 'build=None', 'push=None']
    const { summary, headline } = await report(
      { ...emptyRecord, tests: whole.tests, subject: whole.subject, pushes: whole.pushes } as ReleaseRecord,
      { status: 'Failed', tasks },
    )
    expect(headline).toBe('failed at test · 24 passed, 1 skipped, 2 flaky')
    expect(rows(summary, 'Tasks')).toEqual([
      ['✓ passed', 'source'],
      ['✗ failed', 'test'],
      ['· not run', 'build'],
      ['· not run', 'push'],
    ])
    expect(rows(summary, 'Release').map(([section]) => section)).toEqual(['tests'])
    expect(rows(summary, 'From an earlier run in this workspace').map(([section]) => section)).toEqual(['subject', '', 'pushes'])
  })
})

describe('no record', () => {
  it.each([
    [undefined, 'The release record has nothing: no task has left anything in this workspace.'],
    ['{"schemaVersion', 'The release record says nothing, or cannot be read: then the log says why.'],
  ])('(%j) is told too', async (file, text) => {
    const { summary, headline, failure } = await report(emptyRecord, {}, file)
    expect([failure, headline, summary]).toEqual([undefined, 'nothing is known of this run', [{ kind: 'text', text }]])
  })
})

describe('the status', () => {
  const one = ['test=Succeeded', 'push=Failed']
  test.each([
    ['Succeeded', [], 'passed', 'passed'],
    ['Completed', ['test=Succeeded', 'push=None'], 'passed', 'passed'],
    ['success', [], 'passed', 'passed'],
    ['Failed', one, 'failed', 'failed at push'],
    ['failure', [], 'failed', 'failed'],
    ['cancelled', [], 'cancelled', 'cancelled'],
    // Tekton's aggregate of a run that was stopped before all were started.
    ['None', ['test=Succeeded', 'push=None'], 'cancelled', 'cancelled'],
    ['None', one, 'failed', 'failed at push'],
    ['', one, 'failed', 'failed at push'],
    ['$(tasks.status)', ['test=$(tasks.test.status)'], '', 'nothing is known of this run'],
    ['neutral', [], 'neutral', 'neutral'],
    ['', [], '', 'nothing is known of this run'],
  ])('%j with %j is %j', async (given, tasks, status, headline) => {
    const { outputs, failure } = await report(emptyRecord, { status: given, tasks })
    expect([failure, Object.fromEntries(outputs)]).toEqual([undefined, { status, headline }])
  })

  it('fits into an output however long the names are', async () => {
    const tasks = Array.from({ length: 200 }, (_, index) => `task-🚢-${index}=Failed`)
    const { headline, failure } = await report(emptyRecord, { status: 'Failed', tasks })
    expect([failure, [...(headline ?? '')].length, headline?.endsWith('…')]).toEqual([undefined, 240, true])
  })
})
