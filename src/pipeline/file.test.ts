import { describe, expect, it, test } from '@jest/globals'
import { messageOf } from '../base/errors.ts'
import { readPipeline } from './file.ts'
import { fakeTasks, workspaceWith } from './road.fake.ts'
import type { Override } from './steps.ts'

const tasks = fakeTasks({ ran: [] })
const environment = { TOKEN: 's3cret', BLANK: ' ', VERSION: '1.4.0' }

async function read(file: string | undefined, overrides: readonly Override[] = []) {
  const workspace = workspaceWith(file === undefined ? {} : { 'slipway.yaml': file })
  return readPipeline({ workspace, tasks, environment, overrides })
}

async function steps(file: string, overrides: readonly Override[] = []): Promise<unknown[]> {
  const pipeline = await read(file, overrides)
  return pipeline.steps.map(({ task, inputs }) => [task.definition.name, Object.fromEntries(inputs)])
}

async function refusal(file: string | undefined, overrides: readonly Override[] = []): Promise<string> {
  return read(file, overrides).then(() => 'accepted', messageOf)
}

describe('a pipeline file', () => {
  it('is an ordered list of tasks, each with its inputs', async () => {
    const file =
      'tasks:\n  - test:\n      command: [npm, test, "a b"]\n      retries: 2\n      fail-on-no-tests: no\n  - build\n  - push: { image: r.example/app }\n'
    expect(await steps(file)).toEqual([
      ['test', { command: ['npm', 'test', 'a b'], retries: '2', 'fail-on-no-tests': 'no' }],
      ['build', {}],
      ['push', { image: 'r.example/app' }],
    ])
  })

  it('takes values, items and entries from the environment', async () => {
    const file =
      'tasks:\n  - test:\n      command: [run, { env: VERSION }]\n      labels: { env: prod, version: { env: VERSION } }\n  - push:\n      image: r.example/app\n      username: robot\n      password: { env: TOKEN }\n'
    expect(await steps(file)).toEqual([
      ['test', { command: ['run', '1.4.0'], labels: '{"env":"prod","version":"1.4.0"}' }],
      ['push', { image: 'r.example/app', username: 'robot', password: 's3cret' }],
    ])
  })

  it('leaves an empty value unset', async () => {
    expect(await steps('tasks:\n  - build:\n      base:\n  - test:\n')).toEqual([
      ['build', {}],
      ['test', {}],
    ])
  })

  it('gives way to what is given beside it', async () => {
    const given: Override = { where: '--build.base', task: 'build', input: 'base', value: 'debian' }
    expect(await steps('tasks: [{ build: { base: scratch } }]', [given])).toEqual([['build', { base: 'debian' }]])
  })
})

describe('all faults of a file are told at once, with their lines', () => {
  it('lists them in one message', async () => {
    const file = `tasks:
  - tets
  - test:
      retries: many
      comand: npm
      command: { a: b }
  - push:
      username: me
      password: hunter2
steps: 1
`
    expect(await refusal(file)).toBe(
      [
        'slipway.yaml cannot be used, 7 faults:',
        '  line 2   tets           is not a task; did you mean `test`?',
        '  line 4   test.retries   "many" is not a whole number from 0 to 9',
        '  line 5   test.comand    is not an input of test; did you mean `command`?',
        '  line 6   test.command   is a map, expected a list, separated by commas or lines, or a JSON array',
        '  line 7   push.image     is required, expected text; an empty value counts as unset',
        '  line 9   push.password  is a secret, and a file is no place for one; write { env: NAME } to take it from a variable',
        '  line 10  steps          is not known here',
      ].join('\n'),
    )
  })

  test.each([
    ['tasks:\n  - push: { image: r/a, password: { env: NOPE } }', 'comes from the variable NOPE, which is not set'],
    ['tasks:\n  - push: { image: r/a, password: { env: BLANK } }', 'comes from the variable BLANK, which is blank'],
    ['tasks:\n  - push: { image: r/a, password: { env: TOKEN } }', '`password` needs `username`'],
    ['tasks: {}', 'is missing or no list'],
    ['tasks: []', 'is empty, expected at least one task'],
    ['task: [test]', 'did you mean `tasks`?'],
    ['', 'is empty or no map'],
    ['tasks:\n  - test: 5', 'neither a name nor'],
    ['tasks:\n  - { test: {}, build: {} }', 'neither a name nor'],
    ['tasks:\n  - test: { command: [[a]] }', 'holds a list on line 2, expected single values'],
    ['tasks: [test', 'cannot be used, one fault'],
  ])('%j', async (file, expected) => {
    expect(await refusal(file)).toContain(expected)
  })

  test('a secret is not in the message', async () => {
    expect(await refusal('tasks:\n  - push: { image: r/a, password: hunter2 }')).not.toContain('hunter2')
  })
})

test.each([
  [{ task: 'psuh', input: 'image', value: 'x' }, '--x  psuh  is not a task; did you mean `push`?'],
  [{ task: 'push', input: 'image', value: 'x' }, '--x  push  is not in this pipeline'],
  [{ task: 'build', input: 'bse', value: 'x' }, '--x  build.bse  is not an input of build; did you mean `base`?'],
  [{ task: 'build', input: 'token', value: { env: 'NOPE' } }, '--x  build.token  comes from the variable NOPE, which is not set'],
  [{ where: '--build.bse', task: 'build', input: 'bse', value: 'x' }, '\n  --build.bse  is not an input of build; did you mean `base`?'],
])('what is given beside the file is checked like it: %j', async (given, expected) => {
  expect(await refusal('tasks: [build]', [{ where: '--x', ...given }])).toContain(expected)
})

test('a file that is named must exist', async () => {
  const promise = readPipeline({ workspace: workspaceWith(), file: 'other.yaml', tasks, environment, overrides: [] })
  await expect(promise).rejects.toMatchObject({ code: 'SW-PIPELINE-MISSING', exit: 2 })
})

test('a file of more than 1 MiB is not read', async () => {
  await expect(read(`#${'x'.repeat(1024 * 1024)}`)).rejects.toMatchObject({ code: 'SW-FILE-TOO-LARGE' })
})

describe('without a file', () => {
  it('goes the default road, and says why nothing is pushed', async () => {
    const { steps: road, notRun } = await read(undefined)
    expect(road.map(({ task }) => task.definition.name)).toEqual(['test', 'build', 'sbom'])
    expect(notRun?.why).toContain('--push.image')
  })

  it('pushes where it is told to', async () => {
    const { steps: road, notRun } = await read(undefined, [{ where: '--push.image', task: 'push', input: 'image', value: 'r.example/app' }])
    expect(road.map(({ task }) => task.definition.name)).toEqual(['test', 'build', 'sbom', 'push'])
    expect(notRun).toBeUndefined()
  })
})
