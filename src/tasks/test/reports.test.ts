import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { bad, command, type Given, good, junit, outputs, reports, tryIt } from './fixtures/try.ts'

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
