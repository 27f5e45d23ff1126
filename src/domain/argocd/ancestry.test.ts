import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import * as v from 'valibot'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { quickClock } from '../../io/fixtures/ports.ts'
import { createProcesses } from '../../io/process.ts'
import { createRepository, type Repository } from '../git/fixtures/repository.ts'
import { openAncestry } from './ancestry.ts'
import type { Relation } from './prove.ts'
import { type Application, application } from './schema.ts'

let repository: Repository
let folder = ''
beforeEach(() => {
  repository = createRepository()
  folder = mkdtempSync(join(tmpdir(), 'slipway-ancestry-'))
})
afterEach(() => {
  repository[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function relate(live: string, wanted: string, { given, own = repository.url }: { given?: string; own?: string } = {}) {
  const { ports, recorded } = fakePorts({ clock: quickClock() })
  const { workspace } = ports.files
  const environment = { PATH: process.env['PATH'], GIT_ALLOW_PROTOCOL: 'file' }
  const processes = createProcesses({ environment, workspace, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  const ask = openAncestry({ folder, repository: given, credentials: undefined, ssh: {} }, { ...ports, process: processes })
  return { answer: ask({ position: 0, live, wanted }, of(own)), recorded }
}

function of(repoURL: string): Application {
  return v.parse(application, { metadata: { name: 'web' }, spec: { source: { repoURL, path: '.' } } })
}

test('git tells how two commits stand to each other', async () => {
  const first = repository.git('rev-parse', 'HEAD')
  const second = repository.commit({ a: '2' })
  repository.git('checkout', '--quiet', '-b', 'side', first)
  const aside = repository.commit({ b: '2' })
  const none = 'f'.repeat(40)
  const rows: readonly (readonly [string, string, Relation])[] = [
    [second, first, 'ahead'],
    [first, second, 'behind'],
    [aside, second, 'diverged'],
    [second, none, 'absent'],
    [none, second, 'unknown'],
  ]
  for (const [live, wanted, relation] of rows) expect(await relate(live, wanted).answer).toBe(relation)
})

test('the address that this run was given goes before that of Argo CD', async () => {
  const first = repository.git('rev-parse', 'HEAD')
  const own = `file://${folder}/only-argo-cd-reaches-this`
  expect(await relate(repository.commit({ a: '2' }), first, { given: repository.url, own }).answer).toBe('ahead')
})

test('a repository that cannot be read is told of, and nothing is taken for known', async () => {
  const { answer, recorded } = relate('1'.repeat(40), '2'.repeat(40), { own: `file://${folder}/none` })
  expect(await answer).toBe('unknown')
  expect(recorded.lines.join('\n')).toContain('git cannot tell whether one revision contains the other')
})
