import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { createRepository, type Repository, runGit } from '../../domain/git/fixtures/repository.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import { connectRegistry } from '../../domain/oci/registry.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { systemClock } from '../../io/clock.ts'
import { createProcesses } from '../../io/process.ts'
import { type Listening, listen } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const stack = new AsyncDisposableStack()
let [folder, name]: string[] = []
let repository: Repository
let registry: Listening
let image: Descriptor
let update: (inputs?: Readonly<Record<string, string>>, record?: Partial<ReleaseRecord>) => Promise<Outcome>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-gitops-'))
  repository = createRepository({ files: { 'kustomization.yaml': 'images:\n  - name: app # ours\n' } })
  repository.git('config', 'core.bare', 'true')
  const { ports } = fakePorts({
    files: { workspace: folder, state: join(folder, '.slipway'), temporary: async (what) => join(folder ?? '', what) },
    source: { repository: 'https://example.com/app', commit: 'c0ffee', runUrl: 'https://example.com/run/1' },
  })
  const handler = await createRegistry({ root: join(folder, 'registry'), log: ports.log })
  registry = await listen(handler)
  const http = createTransport({ userAgent: 'test', clock: systemClock(), log: ports.log, signal: ports.signal })
  const layout = await createLayout(join(folder, 'layout'))
  image = (await writeImage(layout, ['one'])).descriptor
  name = `127.0.0.1:${registry.port}/team/app`
  const at = connectRegistry(`127.0.0.1:${registry.port}`, { ...ports, http }).repository('team/app')
  await copyFromLayout(layout, image.digest, at, { tags: ['1.4.0'] })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  update = (inputs = {}, record = {}) => {
    const given = { repository: repository.url, targets: 'kustomize kustomization.yaml app', digest: image.digest, ...inputs }
    return execute(
      { definition: task, load: async () => run },
      { inputs: new Map(Object.entries(given)), record: { ...emptyRecord, ...record }, ports: { ...ports, http, process: processes } },
    )
  }
  stack.use({ [Symbol.asyncDispose]: async () => http.close() })
})
afterEach(async () => {
  await registry.close()
  repository[Symbol.dispose]()
  rmSync(folder ?? '', { recursive: true, force: true })
})

const pushed = (tags: readonly string[] = ['1.4.0']) => ({ pushes: [{ image: name ?? '', digest: image.digest, tags: [...tags] }] })
const head = (): string => repository.git('rev-parse', 'main')

describe('the image of the record', () => {
  test('is written with the tag that push has moved, and the commit is in the record', async () => {
    const outcome = await update({}, pushed())
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toEqual({ commit: head(), branch: 'main', changed: 'true' })
    expect(outcome.record.gitops).toEqual({ repository: repository.url, branch: 'main', commit: head(), digest: image.digest })
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).toBe(
      `images:\n  - name: app # ours\n    newName: ${name}\n    newTag: 1.4.0\n    digest: ${image.digest}`,
    )
    expect(repository.git('log', '-1', '--format=%s%n%b')).toContain('Deploy app:1.4.0\n')
    expect(repository.git('log', '-1', '--format=%b')).toContain(
      'Slipway-Source: https://example.com/app@c0ffee\nSlipway-Run: https://example.com/run/1',
    )
    expect(outcome.headline).toMatch(/^main · [0-9a-f]{12} · app:1\.4\.0 written$/)
    expect(outcome.summary.at(-1)).toMatchObject({ title: 'Places', rows: [['kustomization.yaml: images: app', '', 'written']] })
  })

  test('is written once', async () => {
    const first = await update({}, pushed())
    const again = await update({}, pushed())
    expect(Object.fromEntries(again.outputs)).toEqual({ ...Object.fromEntries(first.outputs), changed: 'false' })
    expect(again.headline).toMatch(/has it already$/)
  })

  test('is written with the tag that was moved behind the verification', async () => {
    const tags = [{ image: name ?? '', digest: image.digest, tags: ['1.4.0'] }]
    expect((await update({}, { ...pushed([]), tags })).failure).toBeUndefined()
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).toContain('newTag: 1.4.0\n')
  })

  test('needs no tag', async () => {
    expect((await update({}, pushed([]))).failure).toBeUndefined()
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).not.toContain('newTag')
  })
})

describe('nothing is written', () => {
  const verified = (verdict: 'pass' | 'fail') => ({
    verifications: [{ subject: image.digest, image: name ?? '', verdict, reasons: [] }],
  })
  test.each<[string, Readonly<Record<string, string>>, () => Partial<ReleaseRecord>, string, number]>([
    ['when nobody says which repository', {}, () => ({}), 'SW-GITOPS-UNNAMED', 2],
    ['with a tag that is not there', { tag: '9.9.9' }, pushed, 'SW-GITOPS-TAG', 3],
    ['with a tag that is none', { tag: 'a b' }, pushed, 'SW-PUSH-TAG', 2],
    ['unless it is verified', { 'require-verified': 'true' }, pushed, 'SW-GITOPS-UNVERIFIED', 3],
    ['when it was refused', { 'require-verified': 'true' }, () => ({ ...pushed(), ...verified('fail') }), 'SW-GITOPS-UNVERIFIED', 3],
    ['unless a gate let it pass', { 'require-gate': 'true' }, pushed, 'SW-GATE-REFUSED', 3],
    ['at a place that is none', { targets: 'sed a b' }, pushed, 'SW-GITOPS-TARGET', 2],
    ['with a password for an address that takes none', { password: 'x' }, pushed, 'SW-SOURCE-REPOSITORY', 2],
  ])('%s', async (_, inputs, record, code, exit) => {
    const before = head()
    expect((await update(inputs, record())).failure).toMatchObject({ code, exit })
    expect(head()).toBe(before)
  })

  test('verified it is', async () => {
    expect((await update({ 'require-verified': 'true' }, { ...pushed(), ...verified('pass') })).failure).toBeUndefined()
  })
})
