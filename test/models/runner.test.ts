import { afterAll, describe, expect, it, test } from '@jest/globals'
import { parseCommand } from './runner/command.ts'
import { parsePairs } from './runner/command-file.ts'
import { LineReader, StepLog } from './runner/log.ts'
import { startTokenService } from './runner/oidc.ts'
import { forget, runStep, type StepOptions, type StepResult } from './runner.ts'

const registered = new Set(['do-something'])
const given: StepResult[] = []
afterAll(() => given.forEach(forget))

/** Runs a piece of JavaScript as a step. */
async function step(script: string, options: Omit<StepOptions, 'argv'> = {}): Promise<StepResult> {
  const result = await runStep({
    argv: [process.execPath, '--input-type=commonjs', '-e', `const fs = require('fs'); const e = process.env; ${script}`],
    ...options,
  })
  given.push(result)
  return result
}

describe('workflow commands (ActionCommandL0.cs)', () => {
  test.each([
    ['##[do-something k1=v1;]msg', { k1: 'v1' }, 'msg'],
    ['##[do-something]', {}, ''],
    ['##[do-something k1=%3B=%0D=%0A=%5D;]%3B-%0D-%0A-%5D', { k1: ';=\r=\n=]' }, ';-\r-\n-]'],
    ['##[do-something k1=%253B=%250D=%250A=%255D;]%253B-%250D-%250A-%255D', { k1: '%3B=%0D=%0A=%5D' }, '%3B-%0D-%0A-%5D'],
    ['##[do-something k1=;k2=;]', {}, ''],
    ['>>>   ##[do-something k1=v1;]msg', { k1: 'v1' }, 'msg'],
    ['::do-something k1=v1,::msg', { k1: 'v1' }, 'msg'],
    ['::do-something::', {}, ''],
    ['::do-something k1=;=%2C=%0D=%0A=]=%3A,::;-%0D-%0A-]-:-,', { k1: ';=,=\r=\n=]=:' }, ';-\r-\n-]-:-,'],
    ['::do-something k1=;=%252C=%250D=%250A=]=%253A,::;-%250D-%250A-]-:-,', { k1: ';=%2C=%0D=%0A=]=%3A' }, ';-%0D-%0A-]-:-,'],
    ['::do-something k1=,k2=,::', {}, ''],
    ['::do-something k1=v1::', { k1: 'v1' }, ''],
    ['   ::do-something k1=v1,::msg', { k1: 'v1' }, 'msg'],
    ['\u3000::DO-something::msg', {}, 'msg'],
  ])('%s', (line, properties, data) => {
    const command = parseCommand(line, registered)
    expect({ name: command?.name, properties: Object.fromEntries(command?.properties ?? []), data: command?.data }).toEqual({
      name: 'do-something',
      properties,
      data,
    })
  })

  test.each([
    '   >>>   ::do-something k1=v1,::msg',
    '::other::',
    '::do-something',
    '##[do-something',
    ':\u200b:do-something::',
    '#\u200b#[do-something]',
  ])('is none: %s', (line) => {
    expect(parseCommand(line, registered)).toBeUndefined()
  })
})

describe('command files (SetOutputFileCommandL0.cs)', () => {
  test.each([
    ['an empty file', '', []],
    ['a value', 'A=MY VALUE', [['A', 'MY VALUE']]],
    ['a byte order mark', '\ufeffA=b', [['A', 'b']]],
    [
      'empty lines',
      '\nA=my value\n\nB=my second value\n',
      [
        ['A', 'my value'],
        ['B', 'my second value'],
      ],
    ],
    ['an empty value', 'A=', [['A', '']]],
    [
      'signs in values',
      'A==abc\nB=def=ghi\nC=jkl=',
      [
        ['A', '=abc'],
        ['B', 'def=ghi'],
        ['C', 'jkl='],
      ],
    ],
    ['a heredoc', 'A<<EOF\none\ntwo\nthree\nEOF', [['A', 'one\ntwo\nthree']]],
    ['an empty heredoc', 'A<<EOF\nEOF\n', [['A', '']]],
    [
      'heredocs between empty lines',
      '\nA<<EOF\nhello\nworld\nEOF\n\nB<<EOF\nHELLO\nEOF\n',
      [
        ['A', 'hello\nworld'],
        ['B', 'HELLO'],
      ],
    ],
    [
      'strange delimiters',
      'A<<=EOF\nhello\n=EOF\nB<<<EOF\ntwo\n<EOF\nC<<EOF\nhello\n\nthree\n\nEOF\nD<<EOF\nhello=four\nEOF\nE<<EOF\n EOF\nEOF',
      [
        ['A', 'hello'],
        ['B', 'two'],
        ['C', 'hello\n\nthree\n'],
        ['D', 'hello=four'],
        ['E', ' EOF'],
      ],
    ],
    [
      'carriage returns, which belong to the line',
      'A<<EOF\r\none\r\nEOF\r\nB=c\r\n',
      [
        ['A', 'one\r'],
        ['B', 'c\r'],
      ],
    ],
  ])('%s', (_, text, pairs) => {
    expect(parsePairs(Buffer.from(text))).toEqual({ pairs })
  })

  test.each([
    ['no line after the name', 'A<<EOF one two EOF', [], 'Matching delimiter not found'],
    ['a delimiter that is not alone on its line', 'A<<EOF one\ntwo\nthree EOF', [], 'EOF marker missing new line'],
    ['a delimiter that never comes', 'A=b\nC<<EOF\none\n', [['A', 'b']], 'Matching delimiter not found'],
    ['a CR after only one of the delimiters', 'A<<EOF\none\nEOF\r\n', [], 'Matching delimiter not found'],
    ['neither = nor <<', 'A=b\noops\n', [['A', 'b']], "Invalid format 'oops'"],
    ['no name', '<<EOF\nEOF\n', [], 'must not be empty'],
  ])('refuses %s', (_, text, pairs, error) => {
    expect(parsePairs(Buffer.from(text))).toEqual({ pairs, error: expect.stringContaining(error) })
  })
})

describe('the log of a step', () => {
  function logOf(...lines: string[]): StepLog {
    const log = new StepLog()
    for (const line of lines) log.take(line)
    return log
  }

  it('hides masked values from then on, encoded ones too', () => {
    const log = logOf('s3cret first', '::add-mask::s3cret', 's3cret', Buffer.from('s3cret').toString('base64'))
    expect(log.lines).toEqual(['s3cret first', '***', '***'])
  })
  it('takes each line of a masked value for a secret', () => {
    expect(logOf('::add-mask::one%0Atwo', 'a two b').lines).toEqual(['a *** b'])
  })
  it('obeys nothing between stop-commands and its token', () => {
    const log = logOf('::stop-commands::token', '::set-output name=a::1', '::token::', '::set-output name=b::2')
    expect([...log.outputs]).toEqual([['b', '2']])
  })
  it('shows ten annotations of a level, 4096 characters of each', () => {
    const log = logOf(...Array.from({ length: 12 }, (_, index) => `::error line=${index}::${'x'.repeat(5000)}`), '::warning::w')
    expect([log.annotations.length, log.dropped.length, log.annotations[0]?.message.length]).toEqual([11, 2, 4096])
  })
  it('fails a step that changes the environment', () => {
    expect(logOf('::set-env name=A::1', '::add-path::/x').errors).toHaveLength(2)
  })
  test.each([
    [['a\rb\r\nc\n'], ['a', 'b', 'c']],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [
      ['a\r', 'b'],
      ['a', 'b'],
    ],
    [['a\r'], ['a']],
    [
      ['a\n\n', 'b'],
      ['a', '', 'b'],
    ],
  ])('cuts %j where the runner does', (pieces, lines) => {
    const read: string[] = []
    const reader = new LineReader((line) => read.push(line))
    for (const piece of pieces) reader.add(piece)
    reader.end()
    expect(read).toEqual(lines)
  })
})

describe('a step', () => {
  it('finds its inputs under the names that the runner makes', async () => {
    const result = await step(`console.log(e['INPUT_IMAGE-REF'], e.INPUT_TWO_WORDS, e.GITHUB_ACTIONS)`, {
      inputs: { 'image-ref': 'x', 'two words': 'y' },
    })
    expect(result).toMatchObject({ exitCode: 0, failed: false, log: 'x y true' })
  })
  it('gives outputs and state, and reads commands on both streams', async () => {
    const result = await step(
      `fs.appendFileSync(e.GITHUB_OUTPUT, 'a=1\\n'); fs.appendFileSync(e.GITHUB_STATE, 'b=2\\n'); console.error('::warning::w')`,
    )
    expect([[...result.outputs], [...result.state], result.annotations[0]?.message]).toEqual([[['a', '1']], [['b', '2']], 'w'])
  })
  it('fails for a broken command file, also with exit code 0', async () => {
    const result = await step(`fs.appendFileSync(e.GITHUB_OUTPUT, 'a<<X\\n1\\n')`)
    expect(result).toMatchObject({ exitCode: 0, failed: true })
  })
  it('fails when it writes GITHUB_ENV', async () => {
    expect(await step(`fs.appendFileSync(e.GITHUB_ENV, 'A=1\\n')`)).toMatchObject({ exitCode: 0, failed: true })
  })
  it('loses a summary of more than 1 MiB and stays green', async () => {
    const largest = await step(`fs.writeFileSync(e.GITHUB_STEP_SUMMARY, 'x'.repeat(1024 * 1024))`)
    const larger = await step(`fs.writeFileSync(e.GITHUB_STEP_SUMMARY, 'x'.repeat(1024 * 1024 + 1))`)
    expect([largest.summary?.length, larger.summary, larger.failed]).toEqual([1024 * 1024, undefined, false])
  })
  it('starts the clean-up with the state of the run', async () => {
    expect((await step(`console.log(e.STATE_folder)`, { state: new Map([['folder', '/tmp/x']]) })).log).toBe('/tmp/x')
  })
  it('ends what was left running', async () => {
    const result = await step(
      `require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60000)'], { detached: true, stdio: 'ignore' }).unref()`,
    )
    expect(result.orphans).toHaveLength(1)
  })
  test.each([
    ['stops at once', '', ['SIGINT'], null],
    ['stops at the second signal', `process.on('SIGINT', () => 0); `, ['SIGINT', 'SIGTERM'], null],
    ['stops at none', `process.on('SIGINT', () => 0); process.on('SIGTERM', () => 0); `, ['SIGINT', 'SIGTERM', 'SIGKILL'], null],
    ['ends by itself', `process.on('SIGINT', () => process.exit(130)); `, ['SIGINT'], 130],
  ])('that %s is cancelled with the signals it needs', async (_, before, signals, exitCode) => {
    // Short are the waits for what does not come; a slow machine may take its time for the rest.
    const waitFor = (signal: string): number => (signals.includes(signal) ? 300 : 600_000)
    const result = await step(`${before}setTimeout(() => 0, 600_000); console.log('ready')`, {
      cancel: { at: 'ready', interrupt: waitFor('SIGTERM'), terminate: waitFor('SIGKILL') },
    })
    expect(result).toMatchObject({ signals, exitCode, failed: true })
  })
})

describe('the token service', () => {
  it('gives a token for an audience to whoever has the bearer token', async () => {
    const service = await startTokenService({ claims: { sub: 'repo:acme/app' } })
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = '' } = service.environment
    const ask = (token: string): Promise<Response> => fetch(`${url}&audience=sigstore`, { headers: { authorization: `bearer ${token}` } })
    const { value } = (await (await ask(bearer)).json()) as { value: string }
    const claims = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as object
    const refused = await ask('wrong')
    await service.close()
    expect(claims).toMatchObject({ aud: 'sigstore', sub: 'repo:acme/app' })
    expect([refused.status, service.audiences]).toEqual([401, ['sigstore']])
  })
})
