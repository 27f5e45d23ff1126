import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { createProcesses } from '../../io/process.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const repository = new URL('../../..', import.meta.url).pathname

/** Runs the task on a real project with real programs; jest's own environment is kept from them. */
async function tryReally(
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>> = {},
): Promise<Recorded & { readonly outcome: Outcome; readonly workspace: string }> {
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(workspace, dirname(path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const signal = new AbortController().signal
  const { ports, recorded } = fakePorts({
    signal,
    files: { workspace, state: join(workspace, '.slipway'), temporary: async (prefix) => mkdtempSync(join(tmpdir(), prefix)) },
  })
  const environment = {
    PATH: `${repository}node_modules/.bin:${process.env['PATH']}`,
    HOME: workspace,
    npm_config_update_notifier: 'false',
  }
  const processes = createProcesses({ environment, workspace, signal, log: ports.log, redactor: new Redactor() })
  const outcome = await execute(
    { definition: task, load: async () => run },
    { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports: { ...ports, process: processes } },
  )
  return { ...recorded, outcome, workspace }
}

const project = (script: string, more: object = {}): string => JSON.stringify({ type: 'module', scripts: { test: script, ...more } })

const suite = `import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { total } from '../src/cart.js'

describe('cart "quoted"', () => {
  it('adds', () => assert.equal(total([1, 2]), 3))
  it('fails', () => {
    assert.equal(total([1]), 2)
  })
  it.skip('waits', () => {})
})
`
const cart = `export function total(prices) {
  return prices.reduce((sum, price) => sum + price, 0)
}
export function never() {
  return 0
}
`

describe('npm with node --test', () => {
  test('a failure is found on its line, and what people read is printed too', async () => {
    const { outcome, annotations, lines } = await tryReally({
      'package.json': project('node --test'),
      'test/cart.test.js': suite,
      'src/cart.js': cart,
    })
    expect(outcome.headline).toBe('1 failed, 1 passed, 1 skipped')
    expect(outcome.failure).toMatchObject({
      code: 'SW-TEST-FAILED',
      message: '1 of 2 tests failed: cart "quoted" › fails (test/cart.test.js:8).',
    })
    expect(annotations).toMatchObject([{ level: 'error', title: 'cart "quoted" › fails', file: 'test/cart.test.js', line: 8 }])
    expect(lines.some((line) => line.startsWith('untrusted') && line.includes('✖ fails'))).toBe(true)
  })

  test('two runs in one script are counted together, with the coverage of both', async () => {
    const { outcome } = await tryReally(
      {
        'package.json': project('npm run one && npm run two', {
          one: 'node --test --experimental-test-coverage a.test.js',
          two: 'node --test --experimental-test-coverage b.test.js',
        }),
        'a.test.js': "import test from 'node:test'\nimport { total } from './cart.js'\ntest('a', () => total([]))\n",
        'b.test.js': "import test from 'node:test'\nimport { never } from './cart.js'\ntest('b', () => never())\n",
        'cart.js': cart,
      },
      { 'min-coverage': '100' },
    )
    expect(outcome.failure).toBeUndefined()
    expect(outcome.headline).toBe('2 passed · coverage 100.0 % (min 100)')
  })

  test('a script with reporters of its own keeps them', async () => {
    const script =
      'node --test --test-reporter=dot --test-reporter-destination=stdout --test-reporter=tap --test-reporter-destination=out.tap'
    const { outcome } = await tryReally({
      'package.json': project(script),
      'test/a.test.js': "import test from 'node:test'\ntest('a', () => {})\n",
    })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.record.tests).toMatchObject({
      passed: 1,
      reports: [expect.stringMatching(/^\.slipway\/reports\/tests\/1\/node-\d+\.xml$/)],
    })
  })

  test('one that leaves no room for another is believed by its stdout', async () => {
    const { outcome } = await tryReally({
      'package.json': project('node --test --test-reporter=tap'),
      'test/a.test.js': "import test from 'node:test'\ntest('a', () => {})\n",
    })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.record.tests).toMatchObject({ passed: 1, reports: [] })
  })

  test('a flaky test passes with a retry', async () => {
    const flaky = `import { existsSync, writeFileSync } from 'node:fs'
import test from 'node:test'
test('second time lucky', () => {
  if (existsSync('tried')) return
  writeFileSync('tried', '')
  throw new Error('first time')
})
`
    const { outcome } = await tryReally({ 'package.json': project('node --test'), 'test/a.test.js': flaky }, { retries: '1' })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.headline).toBe('1 passed, 1 flaky')
  })

  test('a test file that exits is a failure', async () => {
    const { outcome } = await tryReally({ 'package.json': project('node --test'), 'test/a.test.js': 'process.exit(3)\n' })
    expect(outcome.failure).toMatchObject({ code: 'SW-TEST-FAILED' })
  })

  test('a script that breaks after its tests is one too', async () => {
    const { outcome } = await tryReally({
      'package.json': project('node --test && node -e "process.exit(4)"'),
      'test/a.test.js': "import test from 'node:test'\ntest('a', () => {})\n",
    })
    expect(outcome.failure).toMatchObject({
      message: 'npm test ended with exit code 4, though no test failed (1 passed): it broke outside of them.',
    })
  })

  test('no test files: nothing says that any test ran', async () => {
    const { outcome } = await tryReally({ 'package.json': project('node -e 0') })
    expect(outcome.failure).toMatchObject({ code: 'SW-TEST-NONE' })
  })

  test('a test that never ends is ended, and told', async () => {
    const { outcome } = await tryReally(
      {
        'package.json': project('node --test'),
        'test/a.test.js': "import test from 'node:test'\ntest('a', () => new Promise(() => setInterval(() => {}, 1000)))\n",
      },
      { timeout: '2s' },
    )
    expect(outcome.failure).toMatchObject({ code: 'SW-TEST-TIMEOUT', message: expect.stringMatching(/^npm test was ended after \d/) })
  })
})

describe('npm with jest', () => {
  const tests = `const sum = (a, b) => a + b
test('adds', () => expect(sum(1, 2)).toBe(3))
test('fails', () => {
  expect(sum(1, 2)).toBe(4)
})
`

  test('its JSON tells file and line', async () => {
    const script = `node ${repository}node_modules/jest/bin/jest.js --no-cache`
    const { outcome, annotations } = await tryReally({
      'package.json': JSON.stringify({ scripts: { test: script } }),
      'cart.test.js': tests,
    })
    expect(outcome.failure).toMatchObject({ message: '1 of 2 tests failed: fails (cart.test.js:4).' })
    expect(annotations).toMatchObject([{ file: 'cart.test.js', line: 4 }])
    expect(outcome.record.tests).toMatchObject({ reports: ['.slipway/reports/tests/1/jest.json'] })
  })
})

describe('a command', () => {
  test('of hostile words arrives as it is', async () => {
    const words = ['a b', '"quoted"', "it's", '$(touch hacked)', '`x`', '&& exit 9', '-x', '🚢', 'line\nfeed']
    const show = "require('node:fs').writeFileSync('words.json', JSON.stringify(process.argv.slice(1)))"
    const command = JSON.stringify(['node', '-e', show, '--', ...words])
    const { outcome, workspace } = await tryReally({}, { command, 'fail-on-no-tests': 'false' })
    expect(outcome.failure).toBeUndefined()
    expect(JSON.parse(readFileSync(join(workspace, 'words.json'), 'utf8'))).toEqual(words)
  })

  test('that does not exist is told', async () => {
    const { outcome } = await tryReally({}, { command: 'no-such-program-here' })
    expect(outcome.failure).toMatchObject({ code: 'SW-PROCESS-NOT-FOUND', exit: 4 })
  })

  test('in a folder that does not exist is told', async () => {
    const { outcome } = await tryReally({}, { command: 'node', 'working-directory': 'gone' })
    expect(outcome.failure).toMatchObject({ code: 'SW-PROCESS-NOT-STARTED' })
  })
})
