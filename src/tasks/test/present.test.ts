import { describe, expect, test } from '@jest/globals'
import { type Status, type TestCase, totalsOf } from '../../domain/testreport/model.ts'
import { annotations, headline, type Story, summarise } from './present.ts'

const one = (name: string, status: Status, more: Partial<TestCase> = {}): TestCase => ({ suite: 's', name, status, duration: 0, ...more })

const story = (cases: readonly TestCase[], more: Partial<Story> = {}): Story => ({
  cases,
  totals: totalsOf(cases),
  percent: undefined,
  minCoverage: undefined,
  places: new Map(),
  faults: [],
  ...more,
})

const flaky = one('flaky', 'passed', { attempts: [{ status: 'failed', message: 'once\nmore' }] })

describe('headline', () => {
  test.each<[Story, string]>([
    [story([]), 'no tests'],
    [story([one('a', 'passed')]), '1 passed'],
    [story([one('a', 'skipped')]), '0 passed, 1 skipped'],
    [
      story([one('a', 'failed'), one('b', 'error'), one('c', 'passed'), one('d', 'skipped'), flaky]),
      '2 failed, 2 passed, 1 skipped, 1 flaky',
    ],
    [story([one('a', 'passed')], { percent: 91.29, minCoverage: 80 }), '1 passed · coverage 91.2 % (min 80)'],
    [story([one('a', 'passed')], { percent: 91.2 }), '1 passed · coverage 91.2 %'],
    [story(Array.from({ length: 1234 }, () => one('a', 'passed'))), '1\u202f234 passed'],
  ])('%#: %s', (told, text) => {
    expect(headline(told)).toBe(text)
  })
})

describe('summary', () => {
  test('of a good run says nothing more', () => {
    expect(summarise(story([one('a', 'passed')]))).toEqual([])
  })

  test('failures with message and place, then in full', () => {
    const failed = one('a', 'failed', { message: 'first\nsecond', details: 'first\n at x' })
    expect(summarise(story([failed], { places: new Map([[failed, { file: 'a.js', line: 3 }]]) }))).toEqual([
      { kind: 'table', title: 'Failed', columns: ['Test', 'Message', 'Where'], rows: [['s › a', 'first', 'a.js:3']] },
      { kind: 'details', title: 's › a', text: 'first\n at x' },
    ])
  })

  test('flaky tests, faults and the slowest tests', () => {
    const slow = one('slow', 'passed', { duration: 2500 })
    const faults = [{ kind: 'truncated', message: 'was cut off', report: 'r.xml' }] as const
    expect(summarise(story([flaky, slow], { faults }))).toMatchObject([
      { title: 'Flaky: failed, then passed', rows: [['s › flaky', '1', 'once', '']] },
      { title: 'Reports that cannot be trusted', rows: [['r.xml', 'was cut off']] },
      { title: 'Slowest', rows: [['s › slow', '2.5 s']] },
    ])
  })

  test.each([0, 11, 51, 20_000])('%d failures are %d rows, and the first ten in full', (count) => {
    const cases = Array.from({ length: count }, (_, index) => one(`t${index}`, 'failed', { message: 'no', details: 'no\n at x' }))
    const blocks = summarise(story(cases))
    expect(blocks.flatMap((block) => (block.kind === 'table' ? block.rows : []))).toHaveLength(count)
    expect(blocks.filter(({ kind }) => kind === 'details')).toHaveLength(Math.min(count, 10))
  })

  test('long details are cut with a remark', () => {
    const failed = one('a', 'failed', { details: 'line\n'.repeat(100).trim() })
    expect(summarise(story([failed])).at(-1)).toMatchObject({ text: expect.stringMatching(/^(?:line\n){60}… 40 more lines$/) })
  })
})

describe('annotations', () => {
  const file = { file: 'a.js', line: 3, column: 7 }

  test('the worst first: what stops a run, a suite, what broke, what failed; flaky ones are warnings', () => {
    const cases = [
      one('failed', 'failed'),
      one('broke', 'error'),
      one('suite', 'error', { scope: 'suite' }),
      one('run', 'error', { scope: 'run' }),
      flaky,
    ]
    expect(annotations(story(cases)).map(({ level, title }) => `${level} ${title}`)).toEqual([
      'error s › run',
      'error s › suite',
      'error s › broke',
      'error s › failed',
      'warning s › flaky',
    ])
  })

  test('on file, line and column', () => {
    const failed = one('a', 'failed', { message: 'no' })
    expect(annotations(story([failed], { places: new Map([[failed, file]]) }))).toEqual([
      { level: 'error', title: 's › a', message: 'no', ...file },
    ])
  })

  test('without a message they say so, and long ones are cut', () => {
    const [silent, long] = annotations(story([one('a', 'failed'), one('b', 'failed', { message: 'line\n'.repeat(50) })]))
    expect(silent?.message).toBe('It failed without a message.')
    expect(long?.message.split('\n')).toHaveLength(13)
  })
})
