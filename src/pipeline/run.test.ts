import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { kinds, type Script, workspaceWith } from './road.fake.ts'
import { failingAt, file, image, ofType, recordOf, run } from './run.fake.ts'

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
    expect([end.exit, statuses]).toEqual([0, ['test passed', 'build passed', 'sbom passed', 'push not-run']])
    expect(ofType(events, 'task-end')[3]?.headline).toBe('nothing was pushed: no image is named; give --push.image registry/repository')
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
    const workspace = workspaceWith({ 'slipway.yaml': road })
    const { events } = await run(workspace, { script, environment: { TOKEN: secret } })
    for (const told of [JSON.stringify(events), readFileSync(join(workspace, '.slipway/summary.md'), 'utf8')]) {
      expect(told).toMatch(/leaked (?:\\?\*){3}/)
      expect(told).not.toContain(secret)
    }
  })
})

it('says in its summary why no task has begun', async () => {
  const workspace = workspaceWith({ 'slipway.yaml': 'tasks: [biuld]' })
  await run(workspace)
  const summary = readFileSync(join(workspace, '.slipway/summary.md'), 'utf8')
  expect(summary).toMatch(/no task has begun, .*, failed\n\nSW-PIPELINE-FILE, input {2}\n/)
  expect(summary).not.toContain('| task |')
})

describe('a workspace that is not ours alone', () => {
  it('runs one pipeline at a time: the second does nothing, and says whom to wait for', async () => {
    const workspace = workspaceWith({ 'slipway.yaml': file })
    await run(workspace)
    const kept = readFileSync(join(workspace, '.slipway/summary.md'), 'utf8')
    const code = `const { takeRunLock } = await import(${JSON.stringify(join(import.meta.dirname, '../io/run-lock.ts'))}); takeRunLock('.slipway/lock'); console.log('taken'); setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: workspace, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(other.stdout, 'data')
    const { end, events, ran } = await run(workspace, { script: failingAt('test') })
    other.kill('SIGKILL')
    await once(other, 'close')
    expect([end.exit, ran]).toEqual([5, []])
    expect(events.at(-1)).toMatchObject({ failure: { code: 'SW-RUN-ACTIVE', message: expect.stringContaining(`Process ${other.pid} `) } })
    expect(readFileSync(join(workspace, '.slipway/summary.md'), 'utf8')).toBe(kept)
    expect((await run(workspace)).end.exit).toBe(0)
    expect(existsSync(join(workspace, '.slipway/lock'))).toBe(false)
  })

  test.each([
    ['the state folder', '.slipway'],
    ['a folder in it', '.slipway/layout'],
    ['the record', '.slipway/record.json'],
    ['a link that leads nowhere', '.slipway/journal.jsonl', 'nowhere'],
  ])('is not left through a link: %s', async (_, path, target = 'others') => {
    const workspace = workspaceWith({ 'slipway.yaml': file, 'others/kept': 'secret of others' })
    if (path !== '.slipway') mkdirSync(join(workspace, '.slipway'))
    symlinkSync(join(workspace, target), join(workspace, path))
    const { end, events, ran } = await run(workspace)
    expect([end.exit, ran]).toEqual([2, []])
    expect(events.at(-1)).toMatchObject({ failure: { code: 'SW-STATE-FOLDER', fix: `rm '${join(workspace, path)}'` } })
    expect(readdirSync(join(workspace, 'others'))).toEqual(['kept'])
    expect(existsSync(join(workspace, 'nowhere'))).toBe(false)
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
