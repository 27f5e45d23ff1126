import { describe, expect, test } from '@jest/globals'
import { type Status, type TestCase, totalsOf } from '../../domain/testreport/model.ts'
import { type Demands, type Evidence, judge } from './verdict.ts'

const one = (name: string, status: Status, more: Partial<TestCase> = {}): TestCase => ({ suite: 's', name, status, duration: 0, ...more })
const well = { succeeded: true, timedOut: false, text: 'ended with exit code 0' }
const ill = { succeeded: false, timedOut: false, text: 'ended with exit code 1' }
const cut = { kind: 'truncated', message: 'ends within <testcase>: it was cut off', line: 3, report: 'r.xml' } as const
const passed = [one('a', 'passed'), one('b', 'passed')]
const failed = [one('a', 'passed'), one('b', 'failed')]

const judged = (evidence: Partial<Evidence>, demands: Partial<Demands> = {}) => {
  const cases = evidence.cases ?? []
  return judge(
    {
      cases,
      totals: totalsOf(cases),
      ending: well,
      faults: [],
      reports: 0,
      outdated: 0,
      coverage: { percent: undefined, faults: [] },
      command: 'npm test',
      placeOf: () => undefined,
      ...evidence,
    },
    { failOnNoTests: true, minCoverage: undefined, reports: [], coverage: [], ...demands },
  )
}

test.each<[string, Partial<Evidence>, Partial<Demands>, string | undefined]>([
  ['all passed', { cases: passed }, {}, undefined],
  ['all passed, nobody knows the exit code', { cases: passed, ending: undefined }, {}, undefined],
  ['one failed', { cases: failed, ending: ill }, {}, 'SW-TEST-FAILED'],
  ['one failed, but the command says all is well', { cases: failed }, {}, 'SW-TEST-FAILED'],
  ['one failed, nobody knows the exit code', { cases: failed, ending: undefined }, {}, 'SW-TEST-FAILED'],
  ['all passed, but the command broke', { cases: passed, ending: ill }, {}, 'SW-TEST-FAILED'],
  ['the command broke without a report', { ending: ill }, {}, 'SW-TEST-FAILED'],
  ['the command broke without a report, and none is asked for', { ending: ill }, { failOnNoTests: false }, 'SW-TEST-FAILED'],
  // pytest ends with 5, vitest with 1.
  ['the command found no test, and says so', { ending: ill, reports: 1 }, {}, 'SW-TEST-NONE'],
  ['the same, and none is asked for', { ending: ill, reports: 1 }, { failOnNoTests: false }, 'SW-TEST-FAILED'],
  ['a report without tests', { reports: 1 }, {}, 'SW-TEST-NONE'],
  ['no report', {}, {}, 'SW-TEST-NONE'],
  ['no report, and none is asked for', {}, { failOnNoTests: false }, undefined],
  ['all skipped', { cases: [one('a', 'skipped')] }, {}, undefined],
  ['all passed as far as a cut report goes', { cases: passed, faults: [cut] }, {}, 'SW-TEST-REPORT-BROKEN'],
  ['one failed in a cut report', { cases: failed, faults: [cut] }, {}, 'SW-TEST-FAILED'],
  ['a broken report without tests', { faults: [cut] }, { failOnNoTests: false }, 'SW-TEST-REPORT-BROKEN'],
  ['too late', { cases: failed, ending: { ...ill, timedOut: true } }, {}, 'SW-TEST-TIMEOUT'],
  ['enough coverage', { cases: passed, coverage: { percent: 80, faults: [] } }, { minCoverage: 80 }, undefined],
  ['a hair below', { cases: passed, coverage: { percent: 79.999, faults: [] } }, { minCoverage: 80 }, 'SW-TEST-COVERAGE-LOW'],
  ['no coverage', { cases: passed }, { minCoverage: 1 }, 'SW-TEST-COVERAGE-MISSING'],
  ['no coverage, 0 asked for', { cases: passed }, { minCoverage: 0 }, 'SW-TEST-COVERAGE-MISSING'],
  [
    'a broken coverage report that is asked for',
    { cases: passed, coverage: { percent: 90, faults: [cut] } },
    { minCoverage: 80 },
    'SW-TEST-REPORT-BROKEN',
  ],
  ['a broken coverage report nobody asked for', { cases: passed, coverage: { percent: 90, faults: [cut] } }, {}, undefined],
  ['little coverage, but a test failed', { cases: failed, coverage: { percent: 1, faults: [] } }, { minCoverage: 80 }, 'SW-TEST-FAILED'],
])('%s', (_, evidence, demands, code) => {
  expect(judged(evidence, demands)?.code).toBe(code)
})

describe('what people are told', () => {
  test.each<[string, Partial<Evidence>, Partial<Demands>, string]>([
    [
      'names and places',
      { cases: failed, placeOf: () => 'test/b.js:3' },
      {},
      '1 of 2 tests failed: s › b (test/b.js:3). The command ended as if all were well.',
    ],
    [
      'the worst first, three of them',
      { ending: ill, cases: ['a', 'b', 'c', 'd'].map((name) => one(name, 'failed')).concat(one('set-up', 'error', { scope: 'suite' })) },
      {},
      '5 of 5 tests failed: s › set-up, s › a, s › b, and 2 more.',
    ],
    [
      'a crash',
      { cases: passed, ending: ill },
      {},
      'npm test ended with exit code 1, though no test failed (2 passed): it broke outside of them.',
    ],
    [
      'a crash that cut the report',
      { cases: passed, ending: ill, faults: [cut] },
      {},
      'npm test ended with exit code 1, though no test failed (2 passed): it broke outside of them. The report r.xml ends within <testcase>: it was cut off (line 3).',
    ],
    [
      'no report at all',
      { ending: ill },
      {},
      'npm test ended with exit code 1, and no report tells which test failed. No test report was found: not on stdout, and not in the usual places.',
    ],
    ['globs that match nothing', {}, { reports: ['r/*.xml'] }, 'No new test report matches r/*.xml.'],
    [
      'old reports',
      { outdated: 2 },
      { reports: ['r/*.xml'] },
      'No new test report matches r/*.xml. 2 reports are older than this run and were left alone.',
    ],
    ['a broken report', { faults: [cut, cut] }, {}, 'The report r.xml ends within <testcase>: it was cut off (line 3); 1 more fault.'],
    [
      'too little coverage',
      { cases: passed, coverage: { percent: 79.99, faults: [] } },
      { minCoverage: 80 },
      '79.9 % of the lines are covered, expected at least 80 %.',
    ],
  ])('%s', (_, evidence, demands, message) => {
    expect(judged(evidence, demands)?.message).toBe(message)
  })
})

test('"the answer is no" and "could not find out" have different exit codes', () => {
  const exits = [
    judged({ cases: failed }),
    judged({}),
    judged({ cases: passed, faults: [cut] }),
    judged({ cases: passed }, { minCoverage: 1 }),
  ]
  expect(exits.map((error) => error?.exit)).toEqual([3, 2, 4, 2])
})
