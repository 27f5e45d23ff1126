import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { signedToken } from '../../test/models/runner/oidc.ts'
import { fakeSurroundings } from '../../test/models/surroundings.ts'
import { sha256 } from '../base/digest.ts'
import { TaskError } from '../base/errors.ts'
import { type Definition, defineTask } from '../spec/define.ts'
import type { Ending } from '../spec/host.ts'
import { list, map, secret, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import type { Http } from '../spec/ports.ts'
import { messageLimit, messageSize } from './tekton/termination.ts'
import { tektonHost } from './tekton.ts'

const task = defineTask({
  name: 'push',
  summary: 'Push.',
  reads: [],
  writes: [],
  inputs: {
    imageRef: text({ optional: true, summary: 'x' }),
    tags: list({ default: [], summary: 'x' }),
    labels: map({ default: {}, summary: 'x' }),
    password: secret({ optional: true, summary: 'x' }),
  },
  outputs: { image: out.image({ summary: 'x' }), note: out.text({ summary: 'x' }) },
  errors: [],
})

function setUp(
  given: {
    readonly environment?: Readonly<Record<string, string>>
    readonly argv?: readonly string[]
    readonly definition?: Definition
  } = {},
) {
  const around = fakeSurroundings()
  const path = (name: string): string => join(around.folder, 'results', name)
  mkdirSync(join(around.folder, 'results'))
  const results = {
    RESULT_IMAGE: path('image'),
    RESULT_NOTE: path('note'),
    RESULT_IMAGE_URL: path('IMAGE_URL'),
    RESULT_IMAGE_DIGEST: path('IMAGE_DIGEST'),
  }
  const environment = { HOME: join(around.folder, 'home'), ...results, ...given.environment }
  const host = tektonHost({ ...around, environment, argv: given.argv ?? [] })
  const finish = (outputs: Readonly<Record<string, string>>, ending: Partial<Ending> = {}): void =>
    host.finish(given.definition ?? task, { outputs: new Map(Object.entries(outputs)), summary: [], failed: false, ...ending })
  return { ...around, host, finish, result: (name: string) => readFileSync(path(name), 'utf8'), path }
}

function errorOf(action: () => unknown): TaskError | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return error instanceof TaskError ? error : undefined
  }
}

describe('inputs', () => {
  it('come as variables, lists as arguments', () => {
    const { host } = setUp({ environment: { INPUT_IMAGE_REF: 'a' }, argv: ['--list=tags', '-x', '', 'a b', '--list=labels', 'k=v'] })
    expect(Object.fromEntries(host.inputs(task))).toEqual({ 'image-ref': 'a', tags: ['-x', '', 'a b'], labels: ['k=v'] })
  })
  test.each([
    ['$(literal:a $$ $(HOME) b)', 'a $$ $(HOME) b'],
    ['$(literal:)', ''],
    ['$(literal:a\nb))', 'a\nb)'],
    ['$(other:a)', '$(other:a)'],
    ['a $(literal:b)', 'a $(literal:b)'],
  ])('come out of the wrapping that the generated Tasks put around them: %j is %j', (value, expected) => {
    expect(
      setUp({ environment: { INPUT_IMAGE_REF: value } })
        .host.inputs(task)
        .get('image-ref'),
    ).toBe(expected)
  })
  it('take an empty list between two markers', () => {
    expect(Object.fromEntries(setUp({ argv: ['--list=tags', '--list=labels'] }).host.inputs(task))).toEqual({ tags: [], labels: [] })
  })

  /** What the emitter places, with whatever the user gave. */
  const argvOf = (tags: readonly string[], labels: readonly string[]): string[] => ['--list=tags', ...tags, '--list=labels', ...labels]
  const item = fc.oneof(fc.string(), fc.constantFrom('--list=tags', '--list=labels', '--list=other', '--list=', '--end', '--'))

  it('are never read as anything but what was given: an item that equals a marker is refused', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.array(item, { maxLength: 4 }), (tags, labels) => {
        const { host } = setUp({ argv: argvOf(tags, labels) })
        const forged = [...tags, ...labels].some((one) => one === '--list=tags' || one === '--list=labels')
        if (forged) expect(errorOf(() => host.inputs(task))?.code).toBe('SW-INPUT-AMBIGUOUS')
        else expect(Object.fromEntries(host.inputs(task))).toEqual({ tags, labels })
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['a list', {}, ['--list=labels', 'token=correct horse']],
    ['a value', { INPUT_IMAGE_REF: 'x-correct horse-x' }, []],
  ])('that hold a secret in %s, as Kubernetes expands $(INPUT_PASSWORD), are refused', (_, environment, argv) => {
    const error = errorOf(() => setUp({ environment: { INPUT_PASSWORD: 'correct horse', ...environment }, argv }).host.inputs(task))
    expect(error).toMatchObject({ code: 'SW-INPUT-SECRET', exit: 2, hint: expect.stringContaining('$(INPUT_PASSWORD)') })
    expect(error?.message).not.toContain('correct')
  })
  it('may share a word with a short secret', () => {
    expect(setUp({ environment: { INPUT_PASSWORD: 'test', INPUT_IMAGE_REF: 'test-app' } }).host.inputs(task).size).toBe(2)
  })
})

describe('results', () => {
  const digest = sha256('x')

  it('are all written, without a line feed, an image also for Tekton Chains', () => {
    const { finish, result } = setUp()
    finish({ image: `r.example.com/a/b@${digest}`, note: 'x\ny' })
    expect(['image', 'note', 'IMAGE_URL', 'IMAGE_DIGEST'].map(result)).toEqual([
      `r.example.com/a/b@${digest}`,
      'x\ny',
      'r.example.com/a/b',
      digest,
    ])
  })
  it('say where the sources come from, also under the names that Tekton Chains knows', () => {
    const definition = defineTask({
      name: 'checkout',
      summary: 'x',
      reads: [],
      writes: [],
      inputs: {},
      errors: [],
      outputs: { place: out.text({ summary: '' }), commitHash: out.hash({ summary: '' }) },
      hosts: { tekton: { chainsGit: { url: 'place', commit: 'commitHash' } } },
    })
    const { folder } = fakeSurroundings()
    const paths = ['CHAINS-GIT_URL', 'CHAINS-GIT_COMMIT'].map((name) => join(folder, name))
    const environment = { RESULT_CHAINS_GIT_URL: paths[0] ?? '', RESULT_CHAINS_GIT_COMMIT: paths[1] ?? '' }
    setUp({ definition, environment }).finish({ place: 'https://h/a', 'commit-hash': 'c0ffee' })
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['https://h/a', 'c0ffee'])
  })
  it('give Konflux what a scan has found, under its name', () => {
    const outputs = { verdict: out.text({ summary: '' }), found: out.text({ summary: '' }) }
    const tekton = { scanOutput: 'found', testOutput: { verdict: 'verdict', warnings: [] } } as const
    const about = { name: 'scan', summary: 'x', reads: [], writes: [], inputs: {}, errors: [] }
    const definition = defineTask({ ...about, outputs, hosts: { tekton } })
    const { folder } = fakeSurroundings()
    const paths = ['SCAN_OUTPUT', 'TEST_OUTPUT'].map((name) => join(folder, name))
    const environment = { RESULT_SCAN_OUTPUT: paths[0] ?? '', RESULT_TEST_OUTPUT: paths[1] ?? '' }
    setUp({ definition, environment }).finish({ verdict: 'pass', found: '{"vulnerabilities":{}}' })
    expect(paths.map((path) => JSON.parse(readFileSync(path, 'utf8')))).toEqual([
      { vulnerabilities: {} },
      expect.objectContaining({ result: 'SUCCESS' }),
    ])
  })
  it('are there, empty, before anything has run, and when it failed', () => {
    const { finish, result } = setUp()
    const before = ['image', 'note', 'IMAGE_URL', 'IMAGE_DIGEST'].map(result)
    finish({ image: '', note: '' }, { failed: true })
    expect([before, ['image', 'note', 'IMAGE_URL', 'IMAGE_DIGEST'].map(result)]).toEqual([
      ['', '', '', ''],
      ['', '', '', ''],
    ])
  })
  it('that cannot be written are an error that names the file', () => {
    const { finish } = setUp({ environment: { RESULT_NOTE: '/nowhere/note' } })
    expect(errorOf(() => finish({ image: '', note: '' }))).toMatchObject({
      code: 'SW-HOST-UNWRITABLE',
      message: expect.stringContaining('/nowhere/note'),
    })
  })

  /** As large as a step's message may be, less the rest of it. */
  const room =
    4096 -
    messageSize(
      [
        { name: 'image', value: '' },
        { name: 'note', value: '' },
        { name: 'IMAGE_URL', value: '' },
        { name: 'IMAGE_DIGEST', value: '' },
      ],
      { failed: false, utc: new Date(Date.UTC(2026, 10, 21, 12)).getTimezoneOffset() === 0 },
    )
  test.each([
    [room - 1, undefined],
    [room, undefined],
    [room + 1, 'SW-OUTPUT-TOO-LARGE'],
  ])('of %i bytes beside the rest: %s', (length, code) => {
    const { finish, result } = setUp()
    const error = errorOf(() => finish({ image: '', note: 'x'.repeat(length) }))
    expect([error?.code, result('note').length]).toEqual([code, code === undefined ? length : 0])
    if (code !== undefined) expect(error?.message).toContain(`4097 bytes, expected at most 4096. The largest, in bytes: note ${length}`)
  })
  it('leave room for less where the user has a step of their own', () => {
    const definition = {
      ...task,
      hosts: { tekton: { userStep: { command: 'tags', exitCode: 'imageRef', judgeOnly: 'imageRef' } } },
    } as const
    const { finish } = setUp({ definition })
    expect(errorOf(() => finish({ image: '', note: 'x'.repeat(3000) }))?.message).toContain('expected at most 3072')
    expect([1, 2, 3].map(messageLimit)).toEqual([4096, 3072, 2457])
  })
})

describe('an identity token', () => {
  const never: Http = { request: () => Promise.reject(new Error('not asked')) }
  const now = Date.parse('2026-11-21T12:00:00Z') / 1000
  const ask = async (environment: Readonly<Record<string, string>>): Promise<string> =>
    setUp({ environment }).host.identity(never).token('sigstore')

  it('is the one mounted, when it is for the audience', async () => {
    const { folder, host } = setUp()
    const token = signedToken({ aud: ['other', 'sigstore'], exp: now + 600 })
    writeFileSync(join(folder, 'token'), `${token}\n`)
    expect(await ask({ SLIPWAY_TOKEN_FILE: join(folder, 'token') })).toBe(token)
    await expect(host.identity(never).token('sigstore')).rejects.toMatchObject({
      code: 'SW-IDENTITY-UNAVAILABLE',
      hint: expect.stringContaining('serviceAccountToken'),
    })
  })
  it('may be given as SIGSTORE_ID_TOKEN, and is hidden', async () => {
    const token = signedToken({ aud: 'sigstore', exp: now + 600 })
    const { host, stdout } = setUp({ environment: { SIGSTORE_ID_TOKEN: token } })
    host.log.info(await host.identity(never).token('sigstore'))
    expect(stdout()).toBe('***\n')
  })
  test.each([
    ['for another audience', signedToken({ aud: 'other', exp: now + 600 }), 'is for audience "other", expected "sigstore"'],
    ['that has expired', signedToken({ aud: 'sigstore', exp: now + 9 }), 'is good until 2026-11-21T12:00:09.000Z'],
    ['that is none', 'x.y.z', 'expected a JWT'],
    ['without claims', signedToken({ aud: undefined, exp: undefined }), 'expected a JWT'],
  ])('%s is an error', async (_, token, message) => {
    await expect(ask({ SIGSTORE_ID_TOKEN: token })).rejects.toMatchObject({
      code: 'SW-IDENTITY-UNAVAILABLE',
      message: expect.stringContaining(message),
    })
  })
})

describe('folders', () => {
  it('are made where the Task says', () => {
    const { host, folder } = setUp()
    expect([host.environment['HOME'], host.temporary, existsSync(host.temporary)]).toEqual([
      join(folder, 'home'),
      join(folder, 'home', 'tmp'),
      true,
    ])
  })
  it('are others when those cannot be used', () => {
    const around = fakeSurroundings()
    writeFileSync(join(around.folder, 'file'), '')
    const host = tektonHost({ ...around, environment: { HOME: join(around.folder, 'file', 'home'), TMPDIR: '/proc/none' } })
    expect([host.environment['HOME'] === '', host.temporary.startsWith(host.environment['HOME'] ?? '?')]).toEqual([false, true])
  })
})

it('shows annotations and the summary in the log, and keeps the summary', () => {
  const { host, finish, stdout, folder } = setUp()
  host.redactor.add('s3cret')
  host.annotate({ level: 'error', message: 's3cret\n::error::x', title: 't', file: 'a.ts', line: 3, column: 7 })
  finish({ image: '', note: '' }, { headline: 'done', summary: [{ kind: 'table', columns: ['a'], rows: [['s3cret']] }] })
  expect(stdout()).toBe('a.ts:3:7: error: t: ***\n  :\u200b:error::x\n\na\n***\n\n')
  expect(readFileSync(join(folder, '.slipway', 'summary-push.md'), 'utf8')).toContain('| \\*\\*\\* |')
})

it('knows the source from what the pipeline hands over', () => {
  expect(setUp({ environment: { SLIPWAY_SOURCE_COMMIT: 'f00', SLIPWAY_SOURCE_REF: '' } }).host.source).toEqual({ commit: 'f00' })
})
