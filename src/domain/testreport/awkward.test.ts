import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readBytes } from '../../io/files.ts'
import { labelOf, type TestReport } from './model.ts'
import { readReport } from './read.ts'

const folder = new URL('./fixtures/awkward/', import.meta.url).pathname
const bytesOf = async (name: string): Promise<Buffer> => readBytes(`${folder}${name}`)
const read = async (name: string): Promise<TestReport> => readReport([await bytesOf(name)], { name })

/** `✓` passed, `✗` failed, `!` error, `-` skipped. */
const marks = { passed: '✓', failed: '✗', error: '!', skipped: '-' } as const
const outline = ({ cases }: TestReport): string[] => cases.map((found) => `${marks[found.status]} ${labelOf(found)}`)

const whole: Readonly<Record<string, readonly string[]>> = {
  'nested-suites.xml': ['✓ a › b › c › deep', '✗ a › b › c › fails', '✓ a › beside'],
  'cdata.xml': ['✗ c › fails'],
  'control-characters.xml': ['✗ c › bell \u0007 &#7; &#x1b;[31mred&#x1b;[0m', '✓ c › after'],
  'empty-suites.xml': [],
  'no-attributes.xml': ['✓ (no name)', '✗ (no name)', '! (no name)', '- (no name)'],
  'suite-error.xml': ['! c', '✓ c › a'],
  'times.xml': ['✓ s › dot', '✓ s › thousands', '✓ s › comma', '✓ s › none', '✓ s › word', '✓ s › negative'],
  'latin-1-declared.xml': ['✓ s › Größe'],
  'latin-1-as-utf-8.xml': ['✓ s › Gr\ufffd\ufffde'],
  'utf-8-bom.xml': ['✓ s › Größe'],
  'utf-16-le.xml': ['✓ s › Größe'],
  'utf-16-be.xml': ['✓ s › Größe'],
  'utf-16-declared-only.xml': ['✓ s › Größe'],
  'powershell-redirect.tap': ['✓ Größe'],
  'bail-out.tap': ['✓ a', '! Bail out!'],
  'skip-all.tap': [],
  'cut-diagnostic.tap': ['✗ a'],
  'broken-diagnostic.tap': ['✗ a', '✓ b'],
  'directives.tap': [
    '- a',
    '- b',
    '✓ c # skip not a directive',
    '- (no name)',
    '✓ d',
    '✗ e # note of another kind',
    '✓ (no name)',
    '✓ (no name)',
    '- skip',
  ],
  'noise.tap': ['✓ a'],
  'hook-failure.tap': ['✓ outer › a', '✗ outer'],
  'mixed-stream.go.json': ['✓ p › TestA'],
  'coloured.cargo.txt': ['✓ a › b', '✗ c'],
}

const faulty: Readonly<Record<string, readonly [outline: readonly string[], ...faults: readonly string[]]>> = {
  'truncated.xml': [['✓ c › passed', '✗ c › failed', '! c › cut'], 'truncated: ends within <system-out>: it was cut off (line 6)'],
  'truncated-in-tag.xml': [['✓ c › passed'], 'truncated: ends within <testsuite>: it was cut off (line 1)'],
  'entity-bomb.xml': [[], 'refused: has a DOCTYPE with definitions, which reports never need (line 10)'],
  'external-entity.xml': [[], 'refused: has a DOCTYPE with definitions, which reports never need (line 2)'],
  'announced-failures.xml': [['✓ fine › a'], 'mismatch: announces 3 failures in suite "lists none", but lists none'],
  'two-reports-in-one.xml': [['✓ a › a', '✓ b › b'], 'malformed: breaks the rules of XML: documents may contain only one root. (line 2)'],
  'login-page.xml': [[], 'unknown: begins with <html>, which is none of: JUnit XML, TAP, go test -json, jest --json, TRX, cargo test'],
  'empty.xml': [[], 'empty: is empty'],
  'blank.xml': [[], 'empty: is empty'],
  'declaration-only.xml': [
    [],
    String.raw`unknown: begins with "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", which is none of: JUnit XML, TAP, go test -json, jest --json, TRX, cargo test`,
  ],
  'other.json': [
    [],
    String.raw`unknown: begins with "{\"hello\":\"world\"}", which is none of: JUnit XML, TAP, go test -json, jest --json, TRX, cargo test`,
  ],
  'plan-too-short.tap': [['✓ a', '✓ b', '✓ c'], 'mismatch: plans 2 tests, but 3 came'],
  'plan-too-long.tap': [['✓ a', '✗ b'], 'mismatch: plans 5 tests, but 2 came'],
  'no-plan.tap': [['✓ a', '✓ b'], 'truncated: ends after 2 tests without a plan (1..N)'],
  'subtest-mismatch.tap': [['✓ outer › a'], 'mismatch: plans 3 tests in "outer", but 1 came'],
  'cut-line.go.json': [
    ['✓ p › TestA', '! p › TestB'],
    'malformed: has a line that is cut or no event (line 5)',
    'truncated: ends before package p does',
  ],
  'cut.jest.json': [[], 'truncated: is no whole JSON: Unterminated string in JSON at position 110 (line 1 column 111)'],
  'other.jest.json': [[], 'malformed: is no report of jest: testResults is Object, expected Array'],
}

test('the tables below know every file of the corpus', () => {
  expect([...Object.keys(whole), ...Object.keys(faulty)].sort()).toEqual(readdirSync(folder).sort())
})

test.each(Object.entries(whole))('%s is read without complaint', async (name, expected) => {
  const report = await read(name)
  expect(outline(report)).toEqual(expected)
  expect(report.faults).toEqual([])
})

test.each(Object.entries(faulty))('%s is read as far as it goes, and its fault is named', async (name, [expected, ...faults]) => {
  const report = await read(name)
  expect(outline(report)).toEqual(expected)
  expect(report.faults.map(({ kind, message, line }) => `${kind}: ${message}${line === undefined ? '' : ` (line ${line})`}`)).toEqual(
    faults,
  )
})

describe('in detail', () => {
  test('CDATA and text are joined, comments and output of the tests left out', async () => {
    const [found] = (await read('cdata.xml')).cases
    expect(found).toMatchObject({ message: 'm', details: 'first <b> & ]]> second third <c> fourth' })
  })

  test('terminal colours are removed, unknown entities stay as they are', async () => {
    const [found] = (await read('control-characters.xml')).cases
    expect(found).toMatchObject({ message: 'red &#0; \u0000 &nbsp; a  b', details: 'bold ]]> \f end' })
  })

  test('seconds with dot, comma and thousands', async () => {
    const { cases } = await read('times.xml')
    expect(cases.map(({ duration }) => duration)).toEqual([250, 1_234_500, 1500, 0, 0, 0])
  })

  test('a diagnostic that is no YAML is kept as it is', async () => {
    const [found] = (await read('broken-diagnostic.tap')).cases
    expect(found?.details).toBe('message: [unclosed\nat: {')
  })

  test('a diagnostic that is cut off still says what it says', async () => {
    const [found] = (await read('cut-diagnostic.tap')).cases
    expect(found).toMatchObject({ message: 'it broke', details: 'it broke\nat x (/srv/a.js:1:2)' })
  })

  test('an external DOCTYPE is neither fetched nor refused', async () => {
    const text = '<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite name="s"><testcase name="a"/></testsuite>'
    expect(await readReport([Buffer.from(text)])).toMatchObject({ faults: [], cases: [{ name: 'a' }] })
  })
})

test('no damage makes a reader throw, and none makes tests out of nothing', async () => {
  const names = [...Object.keys(whole), ...Object.keys(faulty)]
  const damage = fc.record({
    name: fc.constantFrom(...names),
    at: fc.nat(2000),
    length: fc.nat(40),
    instead: fc.string({ unit: 'binary', maxLength: 20 }),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ name, at, length, instead }) => {
      const bytes = await bytesOf(name)
      const { format } = await read(name)
      const damaged = Buffer.concat([bytes.subarray(0, at), Buffer.from(instead), bytes.subarray(at + length)])
      const report = await readReport([damaged], { name, format })
      expect(report.cases.length).toBeLessThanOrEqual(damaged.length)
    }),
    { numRuns: 500 },
  )
})

test('the way a file is cut into pieces changes nothing', async () => {
  const names = [...Object.keys(whole), ...Object.keys(faulty)]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.integer({ min: 1, max: 64 }), async (name, size) => {
      const bytes = await bytesOf(name)
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
      // Pieces as small as these are joined until the format is known: let that be at once.
      const { format } = await read(name)
      expect(await readReport(pieces, { name, format })).toEqual(await readReport([bytes], { name, format }))
    }),
    { numRuns: 200 },
  )
})
