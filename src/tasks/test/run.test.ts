import { existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { ProcessRequest, ProcessResult } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

/** What a program does in place of a real one: writes files, relative to its folder, and ends. */
interface Deed {
  readonly code?: number | null
  readonly signal?: string
  readonly timedOut?: boolean
  readonly files?: Readonly<Record<string, string>>
  readonly stdout?: string
  readonly stderr?: string
}

interface Tried extends Recorded {
  readonly outcome: Outcome
  readonly requests: readonly ProcessRequest[]
  readonly workspace: string
}

interface Given {
  readonly files?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** One for each run of the command; the last again when there are more. */
  readonly deeds?: readonly Deed[]
}

function plant(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

async function tryIt({ files = {}, inputs = {}, deeds = [{}] }: Given): Promise<Tried> {
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  plant(workspace, files)
  const requests: ProcessRequest[] = []
  const start = async (request: ProcessRequest): Promise<ProcessResult> => {
    requests.push(request)
    const {
      code = 0,
      signal = null,
      timedOut = false,
      files: written = {},
      stdout = '',
      stderr = '',
    } = deeds[requests.length - 1] ?? deeds.at(-1) ?? {}
    plant(request.cwd ?? workspace, written)
    if (request.stdoutFile !== undefined) writeFileSync(request.stdoutFile, stdout)
    return { code, signal, timedOut, stdout, stderr, duration: 1000 }
  }
  const { ports, recorded } = fakePorts({
    files: { workspace, state: join(workspace, '.slipway'), temporary: async (prefix) => mkdtempSync(join(tmpdir(), prefix)) },
    process: { run: start, find: async () => undefined },
  })
  const outcome = await execute(
    { definition: task, load: async () => run },
    { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports },
  )
  return { ...recorded, outcome, requests, workspace }
}

const junit = (...cases: readonly string[]): string => `<testsuite name="s">${cases.join('')}</testsuite>`
const good = (name: string): string => `<testcase classname="c" name="${name}" time="0.5"/>`
const bad = (name: string, text = 'at f (/w/a.test.js:3:1)'): string =>
  `<testcase classname="c" name="${name}"><failure message="${name} is wrong">${text}</failure></testcase>`

const command = '["make", "check"]'
const reports = 'reports/*.xml'
const outputs = ({ outcome }: Tried): Record<string, string> => Object.fromEntries(outcome.outputs)

describe('a command and its reports', () => {
  test('all passed', async () => {
    const tried = await tryIt({
      inputs: { command, reports },
      deeds: [
        { files: { 'reports/a.xml': junit(good('a'), good('b')), 'reports/b.xml': junit('<testcase name="c"><skipped/></testcase>') } },
      ],
    })
    expect(tried.outcome.failure).toBeUndefined()
    expect(tried.outcome.headline).toBe('2 passed, 1 skipped')
    expect(outputs(tried)).toEqual({ passed: '2', failed: '0', skipped: '1', flaky: '0', coverage: '' })
    expect(tried.outcome.record.tests).toEqual({
      ...{ passed: 2, failed: 0, skipped: 1, flaky: 0, duration: 1000, verdict: 'pass' },
      reports: ['reports/a.xml', 'reports/b.xml'],
    })
    expect(tried.annotations).toEqual([])
  })

  test('one failed: outputs, record, summary and annotation are there, and the run fails with it', async () => {
    const tried = await tryIt({
      files: { 'a.test.js': '' },
      inputs: { command, reports },
      deeds: [{ code: 1, files: { 'reports/a.xml': junit(good('a'), bad('b')) } }],
    })
    expect(tried.outcome.failure).toMatchObject({
      code: 'SW-TEST-FAILED',
      message: '1 of 2 tests failed: c › b (a.test.js:3).',
      hint: 'make check',
    })
    expect(outputs(tried)).toMatchObject({ passed: '1', failed: '1' })
    expect(tried.outcome.record.tests).toMatchObject({ failed: 1, verdict: 'fail' })
    expect(tried.annotations).toEqual([{ level: 'error', title: 'c › b', message: 'b is wrong', file: 'a.test.js', line: 3, column: 1 }])
    expect(tried.outcome.summary[0]).toMatchObject({ rows: [['c › b', 'b is wrong', 'a.test.js:3']] })
  })

  test('without annotations when they are not wanted', async () => {
    const tried = await tryIt({
      inputs: { command, reports, annotate: 'false' },
      deeds: [{ code: 1, files: { 'reports/a.xml': junit(bad('b')) } }],
    })
    expect(tried.annotations).toEqual([])
  })

  test('the command gets its words as they are, the user’s environment, and the time given to it', async () => {
    const { requests, workspace } = await tryIt({
      files: { 'service/x': '' },
      inputs: { command: 'run\n--name=$HOME; "x"\n', 'working-directory': 'service', timeout: '90s', 'fail-on-no-tests': 'false' },
    })
    expect(requests).toMatchObject([
      { argv: ['run', '--name=$HOME; "x"'], cwd: join(workspace, 'service'), inherit: 'user', timeout: 90_000 },
    ])
  })

  test('a line of words is taken apart, one that needs a shell is refused before anything runs', async () => {
    expect((await tryIt({ inputs: { command: 'make "all checks"', 'fail-on-no-tests': 'false' } })).requests).toMatchObject([
      { argv: ['make', 'all checks'] },
    ])
    const { outcome, requests } = await tryIt({ inputs: { command: 'make && rm -rf /' } })
    expect(outcome.failure).toMatchObject({ code: 'SW-TEST-COMMAND', hint: 'command: ["sh","-c","make && rm -rf /"]' })
    expect(requests).toEqual([])
  })

  test('reports of an earlier run are left alone', async () => {
    const files = { 'reports/old.xml': junit(good('a')) }
    const workspace = mkdtempSync(join(tmpdir(), 'slipway-test-'))
    plant(workspace, files)
    utimesSync(join(workspace, 'reports/old.xml'), 1, 1)
    const { ports } = fakePorts({
      files: { workspace, state: join(workspace, '.slipway'), temporary: async (prefix) => mkdtempSync(join(tmpdir(), prefix)) },
      process: {
        find: async () => undefined,
        run: async ({ stdoutFile = '' }) => {
          writeFileSync(stdoutFile, '')
          return { code: 0, signal: null, timedOut: false, stdout: '', stderr: '', duration: 1 }
        },
      },
    })
    const inputs = new Map(Object.entries({ command, reports }))
    const { failure } = await execute({ definition: task, load: async () => run }, { inputs, record: emptyRecord, ports })
    expect(failure).toMatchObject({
      code: 'SW-TEST-NONE',
      message: 'No new test report matches reports/*.xml. 1 report is older than this run and was left alone.',
    })
  })
})

describe('where reports are found', () => {
  test('on stdout, in the format that it shows', async () => {
    const tried = await tryIt({ inputs: { command }, deeds: [{ stdout: 'TAP version 13\nok 1 - a\nok 2 - b\n1..2\n' }] })
    expect(tried.outcome.headline).toBe('2 passed')
    expect(tried.outcome.record.tests).toMatchObject({ reports: [] })
  })

  test('in the usual places, beside other XML', async () => {
    const files = {
      'reports/junit.xml': junit(good('a')),
      'reports/checkstyle.xml': '<checkstyle/>',
      'test-results/b.xml': junit(good('b')),
    }
    const tried = await tryIt({ inputs: { command }, deeds: [{ files, stdout: 'ok, all is well\n' }] })
    expect(tried.outcome.failure).toBeUndefined()
    expect(tried.outcome.record.tests).toMatchObject({ passed: 2, reports: ['reports/junit.xml', 'test-results/b.xml'] })
  })

  test('where they are named, and nowhere else', async () => {
    const files = { 'out/a.xml': junit(good('a')), 'reports/junit.xml': junit(good('b')) }
    const tried = await tryIt({ inputs: { command, reports: 'out/*.xml' }, deeds: [{ files, stdout: '1..1\nok 1\n' }] })
    expect(tried.outcome.record.tests).toMatchObject({ passed: 1, reports: ['out/a.xml'] })
  })

  test('a named file of another kind is a fault', async () => {
    const tried = await tryIt({ inputs: { command, reports }, deeds: [{ files: { 'reports/a.xml': '<checkstyle/>' } }] })
    expect(tried.outcome.failure).toMatchObject({
      code: 'SW-TEST-REPORT-BROKEN',
      message: expect.stringContaining('reports/a.xml begins with <checkstyle>'),
    })
    expect(tried.outcome.record.tests).toMatchObject({ verdict: 'unknown' })
  })

  test('a format can be named', async () => {
    const tried = await tryIt({
      inputs: { command, reports: 'r.txt', format: 'tap' },
      deeds: [{ files: { 'r.txt': 'ok\nnot ok\n1..2\n' } }],
    })
    expect(outputs(tried)).toMatchObject({ passed: '1', failed: '1' })
  })

  test.each<[string, Given]>([
    ['nothing at all', { inputs: { command } }],
    ['empty suites', { inputs: { command, reports }, deeds: [{ files: { 'reports/a.xml': '<testsuites/>' } }] }],
    ['globs that match nothing', { inputs: { command, reports } }],
  ])('%s is no test, and may be allowed', async (_, given) => {
    expect((await tryIt(given)).outcome.failure).toMatchObject({ code: 'SW-TEST-NONE', exit: 2 })
    expect((await tryIt({ ...given, inputs: { ...given.inputs, 'fail-on-no-tests': 'false' } })).outcome.failure).toBeUndefined()
  })

  test('a whole failure of 20,000 tests is told in one error', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => bad(`t${index}`))
    const { outcome, annotations } = await tryIt({
      inputs: { command, reports },
      deeds: [{ code: 1, files: { 'reports/a.xml': junit(...many) } }],
    })
    expect(outcome.failure).toMatchObject({ message: '20000 of 20000 tests failed: c › t0, c › t1, c › t2, and 19997 more.' })
    expect(annotations.length).toBeLessThanOrEqual(100)
  })
})

describe('how the command ended', () => {
  test.each<[string, Deed, string]>([
    ['a crash after all tests', { code: 134, files: { 'reports/a.xml': junit(good('a')) } }, 'SW-TEST-FAILED'],
    ['a kill', { code: null, signal: 'SIGKILL', files: { 'reports/a.xml': junit(good('a')) } }, 'SW-TEST-FAILED'],
    ['success with a failed test', { code: 0, files: { 'reports/a.xml': junit(bad('a')) } }, 'SW-TEST-FAILED'],
    ['too late', { code: null, signal: 'SIGTERM', timedOut: true }, 'SW-TEST-TIMEOUT'],
    ['success, the report cut off', { code: 0, files: { 'reports/a.xml': `<testsuite name="s">${good('a')}` } }, 'SW-TEST-REPORT-BROKEN'],
  ])('%s', async (_, deed, code) => {
    expect((await tryIt({ inputs: { command, reports }, deeds: [deed] })).outcome.failure).toMatchObject({ code })
  })

  test('a program that is not there is told by the processes', async () => {
    const { ports } = fakePorts({ process: { find: async () => undefined, run: () => Promise.reject(new Error('not there')) } })
    const { failure } = await execute(
      { definition: task, load: async () => run },
      { inputs: new Map([['command', command]]), record: emptyRecord, ports },
    )
    expect(failure).toMatchObject({ message: 'not there' })
  })
})

describe('retries', () => {
  const failing: Deed = { code: 1, files: { 'reports/a.xml': junit(good('a'), bad('b')) } }
  const passing: Deed = { files: { 'reports/a.xml': junit(good('a'), good('b')) } }

  test('failed, then passed: flaky, and good', async () => {
    const tried = await tryIt({ inputs: { command, reports, retries: '2' }, deeds: [failing, passing] })
    expect(tried.outcome.failure).toBeUndefined()
    expect(tried.outcome.headline).toBe('2 passed, 1 flaky')
    expect(tried.requests).toHaveLength(2)
    expect(tried.annotations).toMatchObject([{ level: 'warning', title: 'c › b', message: 'Flaky: failed, then passed. b is wrong' }])
    expect(tried.outcome.record.tests).toMatchObject({ flaky: 1, duration: 2000, verdict: 'pass' })
  })

  test('failed each time', async () => {
    const tried = await tryIt({ inputs: { command, reports, retries: '2' }, deeds: [failing] })
    expect(tried.outcome.failure).toMatchObject({ code: 'SW-TEST-FAILED' })
    expect(tried.requests).toHaveLength(3)
  })

  test.each<[string, Deed]>([
    ['passed at once', passing],
    ['ended too late', { code: null, timedOut: true }],
  ])('none when it %s', async (_, deed) => {
    expect((await tryIt({ inputs: { command, reports, retries: '5' }, deeds: [deed] })).requests).toHaveLength(1)
  })

  test('a broken report is one more reason', async () => {
    const tried = await tryIt({
      inputs: { command, reports, retries: '1' },
      deeds: [{ files: { 'reports/a.xml': '<testsuite>' } }, passing],
    })
    expect(tried.outcome.failure).toBeUndefined()
  })

  test('what Gradle lists twice is one flaky test, if the command succeeded', async () => {
    const files = { 'reports/a.xml': junit(bad('a'), good('a')) }
    expect((await tryIt({ inputs: { command, reports }, deeds: [{ files }] })).outcome.headline).toBe('1 passed, 1 flaky')
    expect((await tryIt({ inputs: { command, reports }, deeds: [{ code: 1, files }] })).outcome.headline).toBe('1 failed, 1 passed')
  })
})

describe('coverage', () => {
  const lcov = 'SF:a.js\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nend_of_record\n'
  const tested = { 'reports/a.xml': junit(good('a')) }

  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string | undefined]>([
    ['enough', { 'min-coverage': '75' }, { 'coverage/lcov.info': lcov }, undefined],
    ['too little', { 'min-coverage': '75.1' }, { 'coverage/lcov.info': lcov }, 'SW-TEST-COVERAGE-LOW'],
    ['none', { 'min-coverage': '75' }, {}, 'SW-TEST-COVERAGE-MISSING'],
    ['in a place that is named', { 'min-coverage': '75', coverage: 'out/*' }, { 'out/l.info': lcov }, undefined],
    ['elsewhere than named', { 'min-coverage': '75', coverage: 'out/*' }, { 'coverage/lcov.info': lcov }, 'SW-TEST-COVERAGE-MISSING'],
    ['cut off', { 'min-coverage': '75', coverage: 'c.xml' }, { 'c.xml': '<coverage><line number="1" hits="1"/>' }, 'SW-TEST-REPORT-BROKEN'],
  ])('%s', async (_, inputs, files, code) => {
    const { outcome } = await tryIt({ inputs: { command, reports, ...inputs }, deeds: [{ files: { ...tested, ...files } }] })
    expect(outcome.failure).toEqual(code === undefined ? undefined : expect.objectContaining({ code }))
  })

  test('is shown when it is there, whether asked for or not', async () => {
    const tried = await tryIt({ inputs: { command, reports }, deeds: [{ files: { ...tested, 'coverage/lcov.info': lcov } }] })
    expect(tried.outcome.headline).toBe('1 passed · coverage 75.0 %')
    expect(outputs(tried)).toMatchObject({ coverage: '75' })
    expect(tried.outcome.record.tests).toMatchObject({ coverage: 75 })
  })
})

describe('collect-only', () => {
  const files = { 'r/a.xml': junit(good('a')), 'r/b.xml': junit(bad('b')), zero: '0', one: '1\n', 'usual/x': '' }

  test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['reports alone, good', { reports: 'r/a.xml' }, undefined],
    ['reports alone, bad', { reports: 'r/*.xml' }, 'SW-TEST-FAILED'],
    ['good reports, exit code 0', { reports: 'r/a.xml', 'exit-code': '0' }, undefined],
    ['good reports, exit code 1', { reports: 'r/a.xml', 'exit-code': '1' }, 'SW-TEST-FAILED'],
    ['an exit code in a file', { reports: 'r/a.xml', 'exit-code': 'one' }, 'SW-TEST-FAILED'],
    ['an exit code in a file, good', { reports: 'r/a.xml', 'exit-code': 'zero' }, undefined],
    ['bad reports, exit code 0', { reports: 'r/*.xml', 'exit-code': '0' }, 'SW-TEST-FAILED'],
    ['nothing there', { reports: 'x/*.xml', 'exit-code': '0' }, 'SW-TEST-NONE'],
    ['nothing named, nothing there', {}, 'SW-TEST-NONE'],
    ['a file for the exit code that is not there', { reports: 'r/a.xml', 'exit-code': 'gone' }, 'SW-FILE-MISSING'],
    ['a command as well', { reports: 'r/a.xml', command }, 'SW-TEST-COMMAND'],
  ])('%s', async (_, inputs, code) => {
    const { outcome, requests } = await tryIt({ files, inputs: { 'collect-only': 'true', ...inputs } })
    expect(outcome.failure).toEqual(code === undefined ? undefined : expect.objectContaining({ code }))
    expect(requests).toEqual([])
  })

  test('needs no place to write', async () => {
    const { workspace } = await tryIt({ files, inputs: { 'collect-only': 'true', reports: 'r/a.xml' } })
    expect(existsSync(join(workspace, '.slipway'))).toBe(false)
  })
})

describe('inputs that cannot be used', () => {
  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['a percentage over 100', { 'min-coverage': '101' }, 'SW-INPUT-INVALID', '"101" is not a percentage from 0 to 100'],
    ['no percentage', { 'min-coverage': 'most' }, 'SW-INPUT-INVALID', '"most" is not a percentage from 0 to 100'],
    ['too many retries', { retries: '11' }, 'SW-INPUT-INVALID', '"11" is not a whole number from 0 to 10'],
    ['an exit code without collect-only', { 'exit-code': '0' }, 'SW-INPUT-INVALID', '`exit-code` needs `collect-only`'],
    ['an exit code beside a run', { 'exit-code': '0', 'collect-only': 'false' }, 'SW-TEST-COMMAND', 'the tests run here'],
    ['a folder outside', { 'working-directory': '..' }, 'SW-PATH-OUTSIDE', 'expected a path inside'],
    ['a format misspelt', { format: 'juint' }, 'SW-INPUT-INVALID', 'did you mean junit?'],
  ])('%s', async (_, inputs, code, message) => {
    const { outcome, requests } = await tryIt({ inputs: { command, ...inputs } })
    expect(outcome.failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(requests).toEqual([])
  })

  test('no project: says what was looked for', async () => {
    const { outcome } = await tryIt({})
    expect(outcome.failure).toMatchObject({
      code: 'SW-TEST-NO-RUNNER',
      message: expect.stringMatching(/package\.json.*pom\.xml.*go\.mod.*Cargo\.toml.*pytest/),
    })
  })
})

test('a tool whose output is for machines is not echoed; its failures are shown instead', async () => {
  const event = (action: string, more: object = {}): string => `${JSON.stringify({ Action: action, Package: 'p', ...more })}\n`
  const stdout = [
    event('start'),
    event('run', { Test: 'TestA' }),
    event('output', { Test: 'TestA', Output: '    a_test.go:3: is wrong\n' }),
  ]
    .concat(event('fail', { Test: 'TestA' }), event('fail'))
    .join('')
  const { outcome, requests, lines } = await tryIt({
    files: { 'go.mod': 'module p\n', 'a_test.go': '' },
    deeds: [{ code: 1, stdout, stderr: 'go: note\n' }],
  })
  expect(requests).toMatchObject([{ argv: ['go', 'test', '-json', './...'], echo: false }])
  expect(lines.filter((line) => line.startsWith('untrusted'))).toEqual([
    'untrusted go: note\n {}',
    'untrusted ✗ p › TestA\na_test.go:3: is wrong {}',
  ])
  expect(outcome.failure).toMatchObject({ message: '1 of 1 tests failed: p › TestA (a_test.go:3).', hint: 'go test ./...' })
})

test('the reports that were asked for are kept, those of an earlier run are not', async () => {
  const { outcome, workspace } = await tryIt({
    files: { 'conftest.py': '', '.slipway/reports/tests/1/pytest.xml': 'old', '.slipway/reports/tests/2/pytest.xml': 'old' },
    deeds: [{ files: { '.slipway/reports/tests/1/pytest.xml': junit(good('a')) } }],
  })
  expect(outcome.record.tests).toMatchObject({ passed: 1, reports: ['.slipway/reports/tests/1/pytest.xml'] })
  expect(existsSync(join(workspace, '.slipway/reports/tests/2'))).toBe(false)
  expect(readFileSync(join(workspace, '.slipway/reports/tests/1/pytest.xml'), 'utf8')).toContain('testcase')
})
