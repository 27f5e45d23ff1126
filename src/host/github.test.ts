import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { parsePairs } from '../../test/models/runner/command-file.ts'
import { LineReader, StepLog } from '../../test/models/runner/log.ts'
import { signedToken, startTokenService } from '../../test/models/runner/oidc.ts'
import { fakeSurroundings } from '../../test/models/surroundings.ts'
import { systemClock } from '../io/clock.ts'
import { createTransport } from '../io/transport.ts'
import { defineTask } from '../spec/define.ts'
import type { Host } from '../spec/host.ts'
import { list, secret, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import type { Block } from '../spec/ports.ts'
import { githubHost } from './github.ts'

const task = defineTask({
  name: 'push',
  summary: 'Push.',
  reads: [],
  writes: [],
  inputs: {
    imageRef: text({ optional: true, summary: 'x' }),
    tags: list({ default: [], summary: 'x' }),
    password: secret({ optional: true, summary: 'x' }),
  },
  outputs: { image: out.text({ summary: 'x' }) },
  errors: [],
})

function setUp(environment: Readonly<Record<string, string>> = {}) {
  const around = fakeSurroundings()
  const path = (name: string): string => join(around.folder, name)
  const files = { GITHUB_OUTPUT: path('output'), GITHUB_STATE: path('state'), GITHUB_STEP_SUMMARY: path('summary') }
  for (const file of Object.values(files)) writeFileSync(file, '')
  const host = githubHost({ ...around, environment: { GITHUB_WORKSPACE: around.folder, ...files, ...environment } })
  const pairs = (file: string) => Object.fromEntries(parsePairs(readFileSync(path(file))).pairs)
  const seen = (): StepLog => {
    const log = new StepLog()
    const reader = new LineReader((line) => log.take(line))
    reader.add(around.stdout())
    reader.end()
    return log
  }
  return { ...around, host, pairs, seen, summary: () => readFileSync(path('summary'), 'utf8') }
}

function finish(host: Host, outputs: Readonly<Record<string, string>>, summary: readonly Block[] = []): void {
  host.finish(task, { outputs: new Map(Object.entries(outputs)), headline: 'done', summary, failed: false })
}

describe('inputs', () => {
  test.each([
    [{ 'INPUT_IMAGE-REF': 'dash' }, 'dash'],
    [{ 'INPUT_IMAGE-REF': 'dash', INPUT_IMAGE_REF: 'underscore' }, 'underscore'],
    [{ 'INPUT_IMAGE-REF': 'dash', INPUT_IMAGE_REF: ' ' }, 'dash'],
    [{ INPUT_IMAGE_REF: 'a\n$(HOME)\u0000 🚢' }, 'a\n$(HOME)\u0000 🚢'],
  ])('%j', (environment, value) => {
    expect(setUp(environment).host.inputs(task).get('image-ref')).toBe(value)
  })
  it('that the task does not know keep a name that a person would recognise', () => {
    expect([...setUp({ 'INPUT_IMAGE-REFS': '1', INPUT_TWO_WORDS: '2', INPUTS: '3' }).host.inputs(task).keys()].sort()).toEqual([
      'image-refs',
      'two-words',
    ])
  })
})

describe('outputs', () => {
  it('come through the runner byte for byte, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\n', 'a\r\nb\n', '<<', '=', 'EOF', '::error::', '\ufeffx')),
        (value) => {
          const { host, pairs } = setUp()
          finish(host, { image: value, other: 'after' })
          expect(pairs('output')).toEqual({ image: value, other: 'after' })
        },
      ),
      { numRuns: 100 },
    )
  })
  it('cannot be forged by a value that looks like the end of one', () => {
    const { host, pairs } = setUp()
    finish(host, { image: 'a\nimage<<EOF\nforged\nEOF\nslipway-\n' })
    expect(pairs('output')).toEqual({ image: 'a\nimage<<EOF\nforged\nEOF\nslipway-\n' })
  })
  it('without a file to put them in are an error that names the variable', () => {
    expect(() => finish(setUp({ GITHUB_OUTPUT: '' }).host, { image: 'x' })).toThrow('GITHUB_OUTPUT is not set')
  })
})

describe('the summary', () => {
  const table = {
    kind: 'table',
    columns: ['n', 'text'],
    rows: Array.from({ length: 20_000 }, (_, index) => [String(index), 'x'.repeat(100)]),
  } as const

  it('stays below 900 KiB with what is in the file already; the whole text is kept', () => {
    const { host, summary, folder } = setUp()
    writeFileSync(join(folder, 'summary'), 'y'.repeat(500_000))
    finish(host, {}, [table])
    const size = Buffer.byteLength(summary())
    expect([size <= 900 * 1024, size > 899 * 1024]).toEqual([true, true])
    expect(readFileSync(join(folder, '.slipway', 'summary-push.md'), 'utf8')).toContain('| 19999 |')
  })
  it('of several tasks is cut in the last one only', () => {
    const { host, summary } = setUp()
    finish(host, {}, [{ kind: 'text', text: 'first' }])
    finish(host, {}, [table])
    finish(host, {}, [{ kind: 'text', text: 'third' }])
    expect(Buffer.byteLength(summary())).toBeLessThanOrEqual(900 * 1024)
    expect(summary()).toContain('first')
  })
  it('that fits leaves no file', () => {
    const { host, folder } = setUp()
    finish(host, {}, [{ kind: 'text', text: 'x' }])
    expect(existsSync(join(folder, '.slipway'))).toBe(false)
  })
})

describe('annotations', () => {
  it('reach the runner with every character', () => {
    const { host, seen } = setUp()
    host.annotate({ level: 'warning', message: '50 %\nof: a, b', title: 'x: y, z', file: 'src/a,b:c.ts', line: 3, column: 7 })
    const [annotation] = seen().annotations
    expect([annotation?.level, annotation?.message, Object.fromEntries(annotation?.properties ?? [])]).toEqual([
      'warning',
      '50 %\nof: a, b',
      { file: 'src/a,b:c.ts', line: '3', col: '7', title: 'x: y, z' },
    ])
  })
  test.each([0, 10, 11, 51])('%i of a level are shown up to ten; a line says how many more there are', (count) => {
    const { host, seen } = setUp()
    for (let index = 0; index < count; index += 1) host.annotate({ level: 'error', message: 'x' })
    host.annotate({ level: 'notice', message: 'y' })
    finish(host, {})
    const { annotations, dropped, lines } = seen()
    expect([annotations.length, dropped.length]).toEqual([Math.min(10, count) + 1, 0])
    expect(lines.filter((line) => line.startsWith('…'))).toEqual(
      count > 10 ? [`… ${count - 10} more of level error: GitHub shows 10 a step`] : [],
    )
  })
  it.each([8, 9, 10, 30])('after %i errors, why the task failed is still among the ten', (count) => {
    const { host, seen } = setUp()
    for (let index = 0; index < count; index += 1) host.annotate({ level: 'error', message: 'x' })
    host.annotate({ level: 'error', message: 'verdict' }, { isVerdict: true })
    finish(host, {})
    const { annotations, dropped, lines } = seen()
    expect([annotations.length, dropped.length, annotations.at(-1)?.message]).toEqual([Math.min(count, 9) + 1, 0, 'verdict'])
    expect(lines.filter((line) => line.startsWith('…'))).toEqual(
      count > 9 ? [`… ${count - 9} more of level error: GitHub shows 10 a step`] : [],
    )
  })
  it('are no longer than GitHub shows, hide secrets, and are no other command', () => {
    const { host, seen } = setUp()
    host.redactor.add('s3cret')
    host.annotate({ level: 'error', message: `s3cret\n::set-output name=a::b\n${'x'.repeat(5000)}`, title: 's3cret::add-mask::x' })
    const { annotations, commands } = seen()
    expect([annotations[0]?.message.length, annotations[0]?.message.slice(0, 3), commands.length]).toEqual([4096, '***', 1])
    expect(annotations[0]?.properties.get('title')).toBe('***::add-mask::x')
  })
})

describe('masks', () => {
  test.each([
    ['s3cret', ['s3cret']],
    [' s3cret\n', ['s3cret']],
    ['50%,:\u00e9', ['50%,:\u00e9']],
    ['-----BEGIN-----\r\nabcd\r\n}\r\n', ['-----BEGIN-----', 'abcd']],
    ['ab', ['ab']],
    ['', []],
  ])('%j', (value, masks) => {
    const { host, seen } = setUp()
    host.mask(value)
    expect(seen().masks).toEqual(masks)
  })
  it('hide the tokens of the runner from the first line on', () => {
    const { host, stdout } = setUp({ ACTIONS_RUNTIME_TOKEN: 'runtime-token', GITHUB_TOKEN: 'ghs_token' })
    host.log.untrusted('runtime-token ghs_token')
    expect(stdout()).toBe('*** ***\n')
  })
})

describe('the clean-up', () => {
  it('finds what its run remembered, and only then is one', () => {
    const { host, pairs } = setUp()
    expect(host.remembered()).toBeUndefined()
    host.remember('folder', '/tmp/x\ny')
    const state = Object.fromEntries(Object.entries(pairs('state')).map(([name, value]) => [`STATE_${name}`, value]))
    const after = setUp(state)
    expect([...(after.host.remembered() ?? [])]).toEqual([['folder', '/tmp/x\ny']])
    expect(after.pairs('state')).toEqual({})
  })
  it('of a run that remembered nothing is one too', () => {
    const { pairs } = setUp()
    expect(
      setUp(Object.fromEntries(Object.entries(pairs('state')).map(([name, value]) => [`STATE_${name}`, value]))).host.remembered()?.size,
    ).toBe(0)
  })
})

it('folds a group, also when its part fails', async () => {
  const { host, stdout } = setUp()
  await expect(host.group('a\n::error::x', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(stdout()).toBe('::group::a␊:\u200b:error::x\n::endgroup::\n')
})

it('knows the source and the run', () => {
  const given = {
    GITHUB_SERVER_URL: 'https://ghe.example.com',
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'f00',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_ACTOR: 'o',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
  }
  expect(setUp(given).host.source).toEqual({
    repository: 'https://ghe.example.com/acme/app',
    commit: 'f00',
    ref: 'refs/heads/main',
    actor: 'o',
    runUrl: 'https://ghe.example.com/acme/app/actions/runs/7/attempts/2',
  })
})

describe('an identity token', () => {
  const none = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }
  const http = () =>
    createTransport({
      userAgent: 'test',
      clock: { ...systemClock(), sleep: () => Promise.resolve() },
      log: none,
      signal: new AbortController().signal,
    })

  async function ask(environment: Readonly<Record<string, string>>) {
    const { host, seen } = setUp(environment)
    const transport = http()
    try {
      return { token: await host.identity(transport).token('sigstore & co'), masks: seen().masks }
    } finally {
      transport.close()
    }
  }

  it('is asked of the runner for the audience, and masked', async () => {
    const service = await startTokenService()
    const { token, masks } = await ask(service.environment).finally(() => service.close())
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ aud: 'sigstore & co' })
    expect(masks).toEqual([token])
  })
  it('that the job may not have is an error with the permission to add', async () => {
    await expect(ask({})).rejects.toMatchObject({
      code: 'SW-IDENTITY-UNAVAILABLE',
      exit: 4,
      hint: expect.stringContaining('id-token: write'),
    })
  })
  it('that is refused is an error too', async () => {
    const service = await startTokenService({ status: 403 })
    await expect(ask(service.environment).finally(() => service.close())).rejects.toMatchObject({
      code: 'SW-IDENTITY-UNAVAILABLE',
      message: expect.stringContaining('403'),
    })
  })
  test.each([
    ['plain http to another machine', 'http://tokens.example.com/?api-version=2.0', 'plain http'],
    ['no URL', 'tokens', 'not a URL'],
  ])('at what is %s is an error of the environment, and nothing to try again', async (_, url, words) => {
    const asked = ask({ ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: signedToken({}) })
    await expect(asked).rejects.toMatchObject({ code: 'SW-IDENTITY-UNAVAILABLE', exit: 4, message: expect.stringContaining(words) })
  })
  test.each(['{}', '[]', '{"value":""}', 'null', '{"value":"canary-half-a-token'])(
    'answered with %s is none, and not shown',
    async (body) => {
      const server = createServer((_, response) => response.end(body))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?api-version=2.0`
      const asked = ask({ ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: signedToken({}) })
      await expect(asked.finally(() => server.close())).rejects.toMatchObject({
        code: 'SW-IDENTITY-UNAVAILABLE',
        message: expect.not.stringContaining('canary'),
      })
    },
  )
})
