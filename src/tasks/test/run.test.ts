import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { execute } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { bad, command, type Deed, good, junit, outputs, plant, reports, tryIt } from './fixtures/try.ts'
import { run } from './run.ts'
import { task } from './task.ts'

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
