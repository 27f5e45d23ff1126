import { describe, expect, test } from '@jest/globals'
import { totalsOf } from './model.ts'
import { readReport } from './read.ts'

function* junit(cases: Iterable<string>): Generator<Buffer> {
  yield Buffer.from('<testsuites><testsuite name="s">')
  for (const one of cases) yield Buffer.from(one)
  yield Buffer.from('</testsuite></testsuites>')
}

const failing = (index: number, text: string): string =>
  `<testcase classname="c" name="t${index}"><failure message="no">${text}</failure></testcase>`

test('20,000 failures are all there', async () => {
  const { cases, faults } = await readReport(
    junit(Array.from({ length: 20_000 }, (_, index) => failing(index, 'at x (/srv/a.js:1:2)\n'.repeat(20)))),
  )
  expect(faults).toEqual([])
  expect(totalsOf(cases)).toMatchObject({ passed: 0, failed: 20_000 })
  expect(cases.at(-1)).toMatchObject({ name: 't19999', message: 'no' })
})

describe('limits', () => {
  test.each([
    {
      limit: 'tests',
      limits: { cases: 2 },
      text: junit(['<testcase name="a"/>', '<testcase name="b"/>', '<testcase name="c"/>']),
      kept: 2,
      says: 'has more than 2 tests',
    },
    { limit: 'depth', limits: { depth: 5 }, text: junit(['<testsuite>'.repeat(9)]), kept: 0, says: 'has elements more than 5 deep' },
    {
      limit: 'bytes',
      limits: { bytes: 60 },
      text: junit(['<testcase name="a"/>', '<!-- -->'.repeat(9)]),
      kept: 0,
      says: 'has more than 60 B',
    },
  ])('too many $limit end the reading, with a fault', async ({ limits, text, kept, says }) => {
    const { cases, faults } = await readReport(text, { limits })
    expect(cases).toHaveLength(kept)
    expect(faults).toEqual([{ kind: 'limit', message: says, line: faults[0]?.line }])
  })

  test('subtests of TAP have the same depth', async () => {
    const text = Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth * 4)}# Subtest: s\n`).join('')
    expect((await readReport([Buffer.from(text)], { format: 'tap' })).faults).toEqual([
      { kind: 'limit', message: 'has subtests more than 256 deep', line: undefined },
    ])
  })

  test('a long message is cut with a remark', async () => {
    const { cases } = await readReport(junit([failing(1, 'x'.repeat(100_000))]), { limits: { message: 1000 } })
    expect(cases[0]?.details).toMatch(/^x{1000}… \(\d+ characters more\)$/)
  })

  test('when all text together is too much, later failures keep their names', async () => {
    const { cases } = await readReport(junit([1, 2, 3].map((index) => failing(index, 'x'.repeat(1000)))), { limits: { text: 1500 } })
    expect(cases.map(({ name, details }) => [name, details?.length])).toEqual([
      ['t1', 1000],
      ['t2', 1000],
      ['t3', undefined],
    ])
  })

  test('a million broken entities are read in passing', async () => {
    const { cases, faults } = await readReport(junit([failing(1, '&#0;'.repeat(1_000_000))]))
    expect(cases).toHaveLength(1)
    expect(faults).toEqual([])
  })

  test('what breaks the rules of XML at every step is given up', async () => {
    const { faults } = await readReport(junit(['<a b=c />'.repeat(5000)]))
    expect(faults.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'malformed: breaks the rules of XML: unquoted attribute value.',
      'malformed: is no XML',
    ])
  })
})
