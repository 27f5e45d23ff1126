import { readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { workspaceWith } from './road.fake.ts'
import { failingAt, file, image, ofType, recordOf, run } from './run.fake.ts'

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

  test.each([
    ['..', 'by its name'],
    ['link', 'by a link'],
  ])('does again what was made of files outside of the workspace, whose changes it does not see: context %s, %s', async (context) => {
    const road = file.replace('- build', `- build: { context: ${context} }`)
    const workspace = workspaceWith({ 'slipway.yaml': road })
    symlinkSync(workspaceWith({ 'app.js': 'x' }), join(workspace, 'link'))
    await run(workspace, { script: failingAt('push') })
    expect((await run(workspace, { resume: true })).ran).toEqual(['build', 'push'])
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
