import { describe, expect, test } from '@jest/globals'
import { readBytes } from '../../io/files.ts'
import { isBad, labelOf, type TestReport, totalsOf } from './model.ts'
import { readReport } from './read.ts'

const read = async (name: string): Promise<TestReport> =>
  readReport([await readBytes(new URL(`./fixtures/${name}`, import.meta.url).pathname)], { name })

/** Printed by the tools themselves, but for Gradle, PHPUnit, GoogleTest and .NET, which follow their reports in public repositories. */
const dialects = [
  { file: 'junit/node-24.xml', format: 'junit', passed: 3, failed: 3, skipped: 4, flaky: 0 },
  { file: 'junit/node-20.xml', format: 'junit', passed: 3, failed: 3, skipped: 4, flaky: 0 },
  { file: 'junit/pytest-xunit1.xml', format: 'junit', passed: 2, failed: 10, skipped: 2, flaky: 0 },
  { file: 'junit/pytest-xunit2.xml', format: 'junit', passed: 2, failed: 10, skipped: 2, flaky: 0 },
  { file: 'junit/pytest-nothing-collected.xml', format: 'junit', passed: 0, failed: 0, skipped: 0, flaky: 0 },
  { file: 'junit/surefire.xml', format: 'junit', passed: 3, failed: 4, skipped: 1, flaky: 0 },
  { file: 'junit/surefire-rerun.xml', format: 'junit', passed: 3, failed: 3, skipped: 1, flaky: 1 },
  { file: 'junit/gradle-retry.xml', format: 'junit', passed: 2, failed: 1, skipped: 1, flaky: 0 },
  { file: 'junit/jest-junit.xml', format: 'junit', passed: 4, failed: 5, skipped: 1, flaky: 0 },
  { file: 'junit/vitest.xml', format: 'junit', passed: 2, failed: 2, skipped: 1, flaky: 0 },
  { file: 'junit/mocha-xunit.xml', format: 'junit', passed: 2, failed: 2, skipped: 2, flaky: 0 },
  { file: 'junit/phpunit.xml', format: 'junit', passed: 1, failed: 2, skipped: 0, flaky: 0 },
  { file: 'junit/googletest.xml', format: 'junit', passed: 1, failed: 1, skipped: 2, flaky: 0 },
  { file: 'tap/node-24.tap', format: 'tap', passed: 3, failed: 3, skipped: 4, flaky: 0 },
  { file: 'tap/node-20.tap', format: 'tap', passed: 3, failed: 3, skipped: 4, flaky: 0 },
  { file: 'tap/node-tap-21.tap', format: 'tap', passed: 2, failed: 2, skipped: 2, flaky: 0 },
  { file: 'tap/ava-6.tap', format: 'tap', passed: 2, failed: 2, skipped: 2, flaky: 0 },
  { file: 'tap/test-more.tap', format: 'tap', passed: 2, failed: 2, skipped: 2, flaky: 0 },
  { file: 'go/go-1.26.json', format: 'go', passed: 7, failed: 5, skipped: 1, flaky: 0 },
  { file: 'go/timeout.json', format: 'go', passed: 1, failed: 1, skipped: 0, flaky: 0 },
  { file: 'jest/jest-30.json', format: 'jest', passed: 3, failed: 4, skipped: 2, flaky: 1 },
  { file: 'jest/vitest-4.json', format: 'jest', passed: 2, failed: 2, skipped: 1, flaky: 1 },
  { file: 'libtest/cargo-1.95.txt', format: 'libtest', passed: 3, failed: 3, skipped: 1, flaky: 0 },
  { file: 'libtest/nocapture.txt', format: 'libtest', passed: 3, failed: 3, skipped: 1, flaky: 0 },
  { file: 'libtest/aborted.txt', format: 'libtest', passed: 1, failed: 1, skipped: 0, flaky: 0 },
  { file: 'trx/dotnet.trx', format: 'trx', passed: 3, failed: 2, skipped: 1, flaky: 0 },
  { file: 'trx/crashed.trx', format: 'trx', passed: 1, failed: 1, skipped: 0, flaky: 0 },
]

test.each(dialects)('$file is told to be $format and counted', async ({ file, format, ...totals }) => {
  const report = await read(file)
  expect(report).toMatchObject({ format, faults: [] })
  expect(totalsOf(report.cases)).toMatchObject(totals)
})

/** One failure of each tool: its name, and what people are told about it first. */
const failures = [
  { file: 'junit/node-24.xml', label: 'with subtests › two', message: 'boom red\nsecond line' },
  { file: 'junit/node-24.xml', label: 'test/crash.test.js', message: 'test failed' },
  { file: 'junit/pytest-xunit2.xml', label: 'tests.test_math › test_fails', message: 'AssertionError: helper says no\nassert 2 == 3' },
  { file: 'junit/pytest-xunit2.xml', label: 'tests.test_import', message: 'collection failure' },
  { file: 'junit/surefire.xml', label: 'com.acme.shop.CartTest › throwsInside', message: 'cart is broken' },
  {
    file: 'junit/jest-junit.xml',
    label: 'cart fails',
    message: 'Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: 2\nReceived: 1',
  },
  { file: 'junit/vitest.xml', label: 'cart.test.ts › cart > fails', message: 'expected 1 to be 2 // Object.is equality' },
  { file: 'junit/mocha-xunit.xml', label: 'cart hooks › "before all" hook for "never"', message: 'hook\nError: hook' },
  {
    file: 'junit/googletest.xml',
    label: 'CartTest › Fails',
    message: '/src/cart_test.cc:10\nExpected equality of these values:\n  Total()\n    Which is: 1\n  2',
  },
  { file: 'tap/node-24.tap', label: 'with subtests › two', message: 'boom red\nsecond line' },
  {
    file: 'tap/node-tap-21.tap',
    label: 'cart.test.js › cart › fails # with hash',
    message: '--- expected\n+++ actual\n@@ -1,1 +1,1 @@\n-2\n+1',
  },
  { file: 'tap/ava-6.tap', label: 'rejects', message: 'Rejected promise returned by test' },
  { file: 'tap/test-more.tap', label: 'inner › two', message: "Failed test 'two'" },
  { file: 'go/go-1.26.json', label: 'example.com/shop/cart › TestTotal/wrong/slash', message: 'Total([1]) = 1\nwant 2' },
  { file: 'go/go-1.26.json', label: 'example.com/shop/cart › TestOnlyParentFails', message: 'the parent says no' },
  {
    file: 'go/go-1.26.json',
    label: 'example.com/shop/cart/panics › TestPanics',
    message: 'panic: assignment to entry in nil map [recovered, repanicked]',
  },
  {
    file: 'go/go-1.26.json',
    label: 'example.com/shop/cart/exits › TestExits',
    message: 'the test did not end: a panic, an exit or a kill stopped its package',
  },
  {
    file: 'go/go-1.26.json',
    label: 'example.com/shop/cart/broken › package',
    message: 'broken/broken_test.go:5:30: undefined: undefinedThing',
  },
  { file: 'go/timeout.json', label: 'example.com/shop/cart/slow › TestSlow', message: 'panic: test timed out after 1s' },
  { file: 'jest/jest-30.json', label: 'throws a string', message: 'Error: thrown: "just text"' },
  {
    file: 'jest/jest-30.json',
    label: '/srv/checkout/js/jest/broken.test.js',
    message: "Cannot find module './missing' from 'broken.test.js'",
  },
  { file: 'libtest/cargo-1.95.txt', label: 'tests › fails', message: 'assertion `left == right` failed: one price\n  left: 1\n right: 2' },
  { file: 'libtest/cargo-1.95.txt', label: 'tests › should_panic', message: 'note: test did not panic as expected at src/lib.rs:33:8' },
  { file: 'libtest/aborted.txt', label: 'b_aborts', message: 'the test binary stopped before the end: 2 of its tests have no result' },
  {
    file: 'trx/dotnet.trx',
    label: 'Shop.Tests.CartTests › Fails',
    message: 'Assert.Equal() Failure: Values differ\nExpected: 3\nActual:   2',
  },
  { file: 'trx/dotnet.trx', label: 'Shop.Tests.CartTests › Data (2)', message: 'outcome Timeout' },
  {
    file: 'trx/crashed.trx',
    label: 'test run',
    message: 'The active test run was aborted. Reason: Test host process crashed : Stack overflow.',
  },
]

test.each(failures)('$file says why "$label" failed', async ({ file, label, message }) => {
  const { cases } = await read(file)
  expect(cases.filter(isBad).find((found) => labelOf(found) === label)?.message).toBe(message)
})

describe('what only some dialects know', () => {
  const find = async (file: string, label: string) => (await read(file)).cases.find((found) => labelOf(found) === label)

  test('surefire: the runs of a flaky and of a failed test', async () => {
    expect(await find('junit/surefire-rerun.xml', 'com.acme.shop.CartTest › flaky')).toMatchObject({
      status: 'passed',
      attempts: [{ status: 'failed', message: 'first run fails ==> expected: <true> but was: <false>' }],
    })
    expect(await find('junit/surefire-rerun.xml', 'com.acme.shop.CartTest › throwsInside')).toMatchObject({
      status: 'error',
      attempts: [{ status: 'error', message: 'cart is broken' }],
    })
  })

  test('jest: flaky by its number of runs; vitest: with the message of the run that failed', async () => {
    expect(await find('jest/jest-30.json', 'flaky')).toMatchObject({ status: 'passed', attempts: [{ status: 'failed' }] })
    expect(await find('jest/vitest-4.json', 'cart › flaky')).toMatchObject({ attempts: [{ status: 'failed', message: 'Error: first' }] })
  })

  test('pytest: xunit1 counts lines from 0, we from 1', async () => {
    expect(await find('junit/pytest-xunit1.xml', 'tests.test_math › test_adds')).toMatchObject({ file: 'tests/test_math.py', line: 9 })
  })

  test('node: the error of the test, not the one that wraps it', async () => {
    const found = await find('junit/node-24.xml', 'with subtests › two')
    expect(found?.details).toMatch(
      /^Error: boom red\nsecond line\n {4}at TestContext.<anonymous> \(file:\/\/\/srv\/checkout\/node\/test\/math.test.js:15:37\)/,
    )
  })

  test('node: a test that is todo may fail', async () => {
    expect(await find('junit/node-24.xml', 'todo that fails')).toMatchObject({ status: 'skipped', message: 'later' })
    expect(await find('tap/node-24.tap', 'todo that fails')).toMatchObject({ status: 'skipped', message: 'later' })
  })

  test('TAP and jest: the place of the test', async () => {
    expect(await find('tap/node-24.tap', 'with subtests › two')).toMatchObject({ file: '/srv/checkout/node/test/math.test.js', line: 15 })
    expect(await find('tap/ava-6.tap', 'rejects')).toMatchObject({ file: 'file:///srv/checkout/js/ava/test.mjs', line: 7 })
    expect(await find('jest/jest-30.json', 'cart › fails')).toMatchObject({ file: '/srv/checkout/js/jest/cart.test.js', line: 5 })
  })

  test('cargo: documentation tests stand in a file', async () => {
    expect(await find('libtest/cargo-1.95.txt', 'src/lib.rs › total (line 5)')).toMatchObject({ file: 'src/lib.rs', line: 5 })
  })

  test('durations are milliseconds', async () => {
    expect(await find('trx/dotnet.trx', 'Shop.Tests.CartTests › Fails')).toMatchObject({ duration: 60_500 })
    expect(await find('tap/node-24.tap', 'math › adds')).toMatchObject({ duration: 0.614924 })
    expect(await find('junit/surefire.xml', 'com.acme.shop.CartTest › adds')).toMatchObject({ duration: 2 })
  })

  test('a suite that could not run is told from a test', async () => {
    expect(await find('go/go-1.26.json', 'example.com/shop/cart/broken › package')).toMatchObject({ scope: 'suite' })
    expect(await find('junit/vitest.xml', 'broken.test.ts')).toMatchObject({ scope: 'suite' })
    expect(await find('junit/pytest-xunit2.xml', 'tests.test_import')).toMatchObject({ scope: 'suite' })
    expect(await find('trx/crashed.trx', 'test run')).toMatchObject({ scope: 'run' })
  })
})
