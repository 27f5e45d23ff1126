import { describe, expect, test } from '@jest/globals'
import { mergeAttempts, mergeRepeats } from './attempts.ts'
import { isFlaky, type Status, type TestCase, totalsOf } from './model.ts'

const one = (name: string, status: Status, more: Partial<TestCase> = {}): TestCase => ({
  suite: 's',
  name,
  status,
  duration: 1,
  ...(status === 'failed' || status === 'error' ? { message: `${name} ${status}` } : {}),
  ...more,
})

describe('the runs of a command', () => {
  test('a test that failed and then passed is flaky, with what it had said', () => {
    const merged = mergeAttempts([[one('a', 'failed')], [one('a', 'error')], [one('a', 'passed')]])
    expect(merged).toEqual([
      {
        suite: 's',
        name: 'a',
        status: 'passed',
        duration: 1,
        attempts: [
          { status: 'failed', message: 'a failed', details: undefined },
          { status: 'error', message: 'a error', details: undefined },
        ],
      },
    ])
    expect(merged.filter(isFlaky)).toHaveLength(1)
  })

  test('one that fails each time has failed, with its last message', () => {
    const [found] = mergeAttempts([[one('a', 'failed', { message: 'first' })], [one('a', 'failed', { message: 'second' })]])
    expect(found).toMatchObject({ status: 'failed', message: 'second', attempts: [{ message: 'first' }] })
  })

  test('one that failed and never ran again stays failed', () => {
    const merged = mergeAttempts([[one('a', 'failed'), one('b', 'passed')], [one('b', 'passed')]])
    expect(totalsOf(merged)).toMatchObject({ passed: 1, failed: 1, flaky: 0 })
  })

  test('one that passed at first only is no better than its last run', () => {
    expect(totalsOf(mergeAttempts([[one('a', 'passed')], [one('a', 'failed')]]))).toMatchObject({ passed: 0, failed: 1, flaky: 0 })
  })

  test('a run that tests only what had failed keeps the others', () => {
    const merged = mergeAttempts([[one('a', 'failed'), one('b', 'passed')], [one('a', 'passed')]])
    expect(totalsOf(merged)).toMatchObject({ passed: 2, failed: 0, flaky: 1 })
  })

  test('tests of one name are told apart by their order, and by their files', () => {
    const runs = [
      [one('a', 'failed'), one('a', 'passed'), one('a', 'passed', { file: 'x.js' })],
      [one('a', 'passed'), one('a', 'passed'), one('a', 'passed', { file: 'x.js' })],
    ]
    expect(mergeAttempts(runs).map(isFlaky)).toEqual([true, false, false])
  })

  test.each([
    {
      what: 'a package that did not build',
      found: one('package', 'error', { suite: 'shop/cart', scope: 'suite' }),
      later: one('TestA', 'passed', { suite: 'shop/cart' }),
    },
    {
      what: 'a file that did not load',
      found: one('/srv/a.test.js', 'error', { suite: '', file: '/srv/a.test.js', scope: 'suite' }),
      later: one('a', 'passed', { file: '/srv/a.test.js' }),
    },
    {
      what: 'a module that did not import',
      found: one('tests.test_a', 'error', { suite: '', scope: 'suite' }),
      later: one('a', 'passed', { suite: 'tests.test_a' }),
    },
    { what: 'a test host that crashed', found: one('test run', 'error', { suite: '', scope: 'run' }), later: one('a', 'passed') },
  ])('$what is flaky when its tests ran later, and no test of its own', ({ found, later }) => {
    expect(totalsOf(mergeAttempts([[found], [later]]))).toMatchObject({ passed: 1, failed: 0, flaky: 1 })
    expect(totalsOf(mergeAttempts([[found], [one('other', 'passed', { suite: 'another' })]]))).toMatchObject({
      failed: found.scope === 'run' ? 0 : 1,
    })
  })

  test('20,000 tests of one name take no longer than others', () => {
    const many = Array.from({ length: 20_000 }, () => one('a', 'failed'))
    expect(totalsOf(mergeAttempts([many, many]))).toMatchObject({ failed: 20_000 })
  })
})

describe('the repeats in one report', () => {
  test('failed, failed, passed is one flaky test', () => {
    const merged = mergeRepeats([one('a', 'failed'), one('b', 'passed'), one('a', 'failed'), one('a', 'passed')])
    expect(merged.map(({ name, status, attempts = [] }) => [name, status, attempts.length])).toEqual([
      ['a', 'passed', 2],
      ['b', 'passed', 0],
    ])
  })

  test('passed twice are two tests of one name', () => {
    expect(mergeRepeats([one('a', 'passed'), one('a', 'passed')])).toHaveLength(2)
  })
})
