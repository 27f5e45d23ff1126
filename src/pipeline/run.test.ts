import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import type { Event, EventOf } from '../report/events.ts'
import type { ReleaseRecord } from '../spec/record/record.ts'
import { fakeSession, fakeTasks, kinds, type Script, workspaceWith } from './road.fake.ts'
import { type RunOptions, runPipeline } from './run.ts'

const image = 'registry.example/team/app'
const file = `tasks:\n  - test\n  - build\n  - push: { image: ${image} }\n`
const failures = { kinds: [kinds.refused], bug: kinds.bug }

interface Given extends Partial<Pick<RunOptions, 'file' | 'overrides' | 'resume' | 'folder'>> {
  readonly script?: Script
  readonly seed?: string
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

/** One `slipway run` in a workspace. */
async function run(workspace: string, given: Given = {}) {
  const { script = { ran: [] }, seed, signal, environment, ...options } = given
  const { session, events } = await fakeSession(workspace, {
    ...(signal === undefined ? {} : { signal }),
    ...(environment === undefined ? {} : { environment }),
  })
  const tasks = fakeTasks(script, seed)
  const end = await runPipeline({ session, tasks, overrides: [], resume: false, failures, asAction: false, folder: '', ...options })
  session.close()
  return { end, events, ran: script.ran, statuses: ofType(events, 'task-end').map(({ task, status }) => `${task} ${status}`) }
}

function ofType<T extends Event['type']>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

const failingAt = (task: string, error: Error = kinds.refused('no')): Script => ({
  ran: [],
  during(name) {
    if (name === task) throw error
  },
})

const recordOf = (workspace: string): ReleaseRecord => JSON.parse(readFileSync(join(workspace, '.slipway/record.json'), 'utf8'))

describe('a run', () => {
  it('runs the tasks in order on one record and tells of it', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    const { end, events, ran } = await run(workspace)
    expect([end.status, end.exit, ran]).toEqual(['passed', 0, ['test', 'build', 'push']])
    expect(events.map(({ type }) => type)).toEqual([
      'run-start',
      'task-start',
      'log',
      ...Array(2).fill(['task-end', 'task-start']).flat(),
      'task-end',
      'run-end',
    ])
    expect(events.at(-1)).toMatchObject({
      reference: `${image}@${sha256('app')}`,
      record: '.slipway/record.json',
      summary: '.slipway/summary.md',
    })
    expect(recordOf(workspace)).toMatchObject({ subject: { digest: sha256('app') }, pushes: [{ image }], own: { test: { runs: 1 } } })
  })

  it('leaves a summary, and a state folder that git does not see', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace)
    const summary = readFileSync(join(workspace, '.slipway/summary.md'), 'utf8')
    expect(summary).toContain('| ✓ passed | test | 24 passed, 1 skipped |')
    expect(summary).toContain('pushed to registry')
    expect(readFileSync(join(workspace, '.slipway/.gitignore'), 'utf8')).toBe('*\n')
  })

  it('stops at the first failure, says what did not run and how to go on', async () => {
    const { end, events, ran, statuses } = await run(workspaceWith({ 'slipway.yaml': file }), { script: failingAt('build') })
    expect([end.status, end.exit, ran]).toEqual(['failed', 3, ['test', 'build']])
    expect(statuses).toEqual(['test passed', 'build failed', 'push not-run'])
    expect(ofType(events, 'task-end')[1]?.failure).toMatchObject({ code: 'SW-FAKE-REFUSED', fix: 'Ask nicely.', fault: 'policy' })
    expect(events.at(-1)).toMatchObject({ status: 'failed', next: [{ label: 'resume', command: 'slipway resume' }] })
    expect(events.at(-1)).not.toHaveProperty('failure')
  })

  it('calls what is no TaskError a mistake of ours, with a stack', async () => {
    const { end, events } = await run(workspaceWith({ 'slipway.yaml': file }), {
      script: failingAt('test', new TypeError('x is undefined')),
    })
    expect(end.exit).toBe(1)
    expect(ofType(events, 'task-end')[0]?.failure).toMatchObject({ code: 'SW-BUG', fault: 'bug', stack: expect.stringContaining('at ') })
  })

  it('begins nothing when the file has a fault', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': 'tasks: [tets]' })
    const { end, events, ran } = await run(workspace)
    expect([end.exit, ran, events.map(({ type }) => type)]).toEqual([2, [], ['run-start', 'run-end']])
    expect(events.at(-1)).toMatchObject({ failure: { code: 'SW-PIPELINE-FILE', message: expect.stringContaining('did you mean') } })
    expect(existsSync(join(workspace, '.slipway/record.json'))).toBe(false)
  })

  it('refuses a task that reads what only a later one writes, and names both', async () => {
    const { end, events, ran } = await run(workspaceWith({ 'slipway.yaml': `tasks: [{ push: { image: ${image} } }, build]` }))
    expect([end.exit, ran]).toEqual([2, []])
    expect(events.at(-1)).toMatchObject({
      failure: {
        code: 'SW-PIPELINE-ORDER',
        message: 'push reads `subject`, which build writes, but build comes later.',
        fix: 'put `build` before `push`',
      },
    })
  })

  it('says on the default road that nothing was pushed, and what to give', async () => {
    const { end, events, statuses } = await run(workspaceWith())
    expect([end.exit, statuses]).toEqual([0, ['test passed', 'build passed', 'push not-run']])
    expect(ofType(events, 'task-end')[2]?.headline).toBe('nothing was pushed: no image is named; give --push.image registry/repository')
    expect(events.at(-1)).toMatchObject({ reference: sha256('app') })
  })

  it('keeps what others wrote into the record, and nothing of an earlier run', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': 'tasks: [test, build]' })
    await run(workspace)
    const source = { url: 'https://example.com/app', commit: 'abc' }
    writeFileSync(join(workspace, '.slipway/record.json'), JSON.stringify({ ...recordOf(workspace), source }))
    await run(workspace, { script: failingAt('test') })
    expect(recordOf(workspace)).toEqual({ schemaVersion: '1.0', own: {}, source })
  })

  it('hides a secret of a later task in what an earlier one says', async () => {
    const secret = 'hunter2-hunter2'
    const script: Script = {
      ran: [],
      during(name) {
        if (name === 'test') throw kinds.refused(`leaked ${secret}`)
      },
    }
    const road = 'tasks:\n  - test\n  - build: { token: { env: TOKEN } }\n'
    const { events } = await run(workspaceWith({ 'slipway.yaml': road }), { script, environment: { TOKEN: secret } })
    expect(JSON.stringify(events)).toContain('leaked ***')
    expect(JSON.stringify(events)).not.toContain(secret)
  })
})

describe('a run that is stopped', () => {
  it('says so, whatever the task made of it, and begins no other', async () => {
    const controller = new AbortController()
    const script: Script = {
      ran: [],
      during(name) {
        if (name !== 'build') return
        controller.abort(new Error('stopped by SIGTERM'))
        throw new Error('socket hang up')
      },
    }
    const { end, events, statuses } = await run(workspaceWith({ 'slipway.yaml': file }), { script, signal: controller.signal })
    expect(end.status).toBe('cancelled')
    expect(statuses).toEqual(['test passed', 'build failed', 'push not-run'])
    expect(ofType(events, 'task-end')[1]?.failure).toMatchObject({
      code: 'SW-CANCELLED',
      message: 'The run was stopped by SIGTERM while build ran.',
    })
  })
})

describe('resume', () => {
  it('goes on after the last task that was done', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file, 'src/app.js': 'x' })
    await run(workspace, { script: failingAt('push') })
    const { end, ran, statuses, events } = await run(workspace, { resume: true })
    expect([end.exit, ran, statuses]).toEqual([0, ['push'], ['test unchanged', 'build unchanged', 'push passed']])
    expect(ofType(events, 'task-end')[0]?.headline).toBe('24 passed, 1 skipped')
    expect(recordOf(workspace)).toMatchObject({
      tests: { passed: 24 },
      subject: { digest: sha256('app') },
      pushes: [{ image }],
      own: { test: { runs: 1 } },
    })
  })

  it('has nothing left to do after a run that was done', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace)
    const { end, ran, events } = await run(workspace, { resume: true })
    expect([end.exit, ran]).toEqual([0, []])
    expect(events.at(-1)).toMatchObject({ reference: `${image}@${sha256('app')}` })
  })

  it('asks for what the first run was asked for', async () => {
    const workspace = workspaceWith({ 'other.yaml': 'tasks: [test, push]' })
    const overrides = [{ where: '--push.image', task: 'push', input: 'image', value: image }]
    await run(workspace, { script: failingAt('push'), overrides, file: 'other.yaml' })
    const { end, ran } = await run(workspace, { resume: true })
    expect([end.exit, ran]).toEqual([0, ['push']])
    expect(recordOf(workspace).pushes).toMatchObject([{ image }])
  })

  it('writes no secret into the journal, only the name of its variable', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    const environment = { TOKEN: 'hunter2-hunter2' }
    const override = (input: string, value: string | { env: string }) => ({ where: '--x', task: 'push', input, value })
    const overrides = [override('username', 'robot'), override('password', { env: 'TOKEN' })]
    await run(workspace, { script: failingAt('push'), overrides, environment })
    expect(readFileSync(join(workspace, '.slipway/journal.jsonl'), 'utf8')).toContain('"env":"TOKEN"')
    expect((await run(workspace, { resume: true, environment })).end.exit).toBe(0)
    await run(workspace, { overrides: [override('username', 'robot'), override('password', 'hunter2-hunter2')] })
    for (const name of ['journal.jsonl', 'record.json', 'summary.md']) {
      expect(readFileSync(join(workspace, '.slipway', name), 'utf8')).not.toContain('hunter2')
    }
  })

  test.each<[string, (workspace: string) => void, string[]]>([
    ['a file of the source', (workspace) => writeFileSync(join(workspace, 'src/app.js'), 'y'), ['test', 'build', 'push']],
    ['a new file', (workspace) => writeFileSync(join(workspace, 'src/new.js'), ''), ['test', 'build', 'push']],
    ['only a time', (workspace) => utimesSync(join(workspace, 'src/app.js'), 1, 1), ['test', 'build', 'push']],
    [
      'an installed package',
      (workspace) => writeFileSync(join(workspace, 'node_modules/.package-lock.json'), '{ }'),
      ['test', 'build', 'push'],
    ],
    ['inside of a package', (workspace) => writeFileSync(join(workspace, 'node_modules/a/index.js'), 'y'), ['push']],
    [
      'nothing but the input of the task that failed',
      (workspace) => writeFileSync(join(workspace, 'slipway.yaml'), file.replace('team', 'shop')),
      ['push'],
    ],
    [
      'an input of the second task',
      (workspace) => writeFileSync(join(workspace, 'slipway.yaml'), file.replace('- build', '- build: { base: x }')),
      ['build', 'push'],
    ],
    ['the journal is gone', (workspace) => rmSync(join(workspace, '.slipway/journal.jsonl')), ['test', 'build', 'push']],
    ['the record is gone', (workspace) => rmSync(join(workspace, '.slipway/record.json')), ['push']],
  ])('when this has changed: %s', async (_what, change, expected) => {
    const workspace = workspaceWith({
      'slipway.yaml': file,
      'src/app.js': 'x',
      'node_modules/a/index.js': 'x',
      'node_modules/.package-lock.json': '{}',
    })
    await run(workspace, { script: failingAt('push') })
    change(workspace)
    const { end, ran } = await run(workspace, { resume: true })
    expect([end.exit, ran]).toEqual([0, expected])
  })

  test.each<[string, (workspace: string) => void, string]>([
    ['no journal', (workspace) => rmSync(join(workspace, '.slipway/journal.jsonl')), 'no task of an earlier run is done'],
    ['a new file', (workspace) => writeFileSync(join(workspace, 'new'), ''), 'a file of the workspace has changed since'],
    [
      'another input',
      (workspace) => writeFileSync(join(workspace, 'slipway.yaml'), 'tasks: [test: { retries: 1 }]'),
      'the first task has other inputs now',
    ],
  ])('says why it starts from the first task: %s', async (_what, change, why) => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace, { script: failingAt('push') })
    change(workspace)
    const { events } = await run(workspace, { resume: true })
    expect(ofType(events, 'log')[0]).toMatchObject({ level: 'warn', message: `starting from the first task: ${why}` })
  })

  it('takes a journal whose last line was torn', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace, { script: failingAt('push') })
    const journal = join(workspace, '.slipway/journal.jsonl')
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n${lines[2]?.slice(0, 40)}`)
    expect((await run(workspace, { resume: true })).ran).toEqual(['build', 'push'])
  })

  test.each([
    ['{"kind":"nothing"}\n', 'line 1'],
    ['text\n', 'line 1'],
  ])('refuses a journal that is none: %j', async (text, where) => {
    const workspace = workspaceWith({ 'slipway.yaml': file, '.slipway/journal.jsonl': text })
    const { end, events } = await run(workspace, { resume: true })
    expect(end.exit).toBe(2)
    expect(events.at(-1)).toMatchObject({ failure: { code: 'SW-JOURNAL-BROKEN', message: expect.stringContaining(where) } })
  })

  it('refuses sections that no record has', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace, { script: failingAt('push') })
    const journal = join(workspace, '.slipway/journal.jsonl')
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"passed":24', '"passed":"many"'))
    expect((await run(workspace, { resume: true })).events.at(-1)).toMatchObject({ failure: { code: 'SW-RECORD-BROKEN' } })
  })
})

describe('after a crash at any point, a run gives the same record', () => {
  /** Ends the work as SIGKILL would: what is on the disk stays, nothing else is done. */
  const crash = new Promise<never>(() => undefined)

  test.each(['test', 'build', 'push'])('during %s', async (task) => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    const reached = await new Promise<string>((resolve) => {
      const script: Script = {
        ran: [],
        during(name) {
          if (name !== task) return undefined
          resolve(name)
          return crash
        },
      }
      void run(workspace, { script })
    })
    expect(reached).toBe(task)
    const resumed = await run(workspace, { resume: true })
    const again = await run(workspace)
    const fresh = workspaceWith({ 'slipway.yaml': file })
    await run(fresh)
    expect([resumed.end.exit, again.end.exit]).toEqual([0, 0])
    expect(recordOf(workspace)).toEqual(recordOf(fresh))
  })

  it('forgets what described the image before', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace)
    await run(workspace, { script: failingAt('push'), seed: 'other' })
    expect(recordOf(workspace).subject?.digest).toBe(sha256('other'))
    expect(recordOf(workspace).pushes).toBeUndefined()
  })
})

test('the journal is for its owner only', async () => {
  const workspace = workspaceWith({ 'slipway.yaml': file })
  await run(workspace)
  expect(statSync(join(workspace, '.slipway/journal.jsonl')).mode & 0o777).toBe(0o600)
})
