import { describe, expect, test } from '@jest/globals'
import { readBytes } from '../../../io/files.ts'
import { Coverage, type CoverageTotals, formatPercent } from './coverage.ts'
import { detectCoverage, readCoverage } from './read.ts'

const bytesOf = async (name: string): Promise<Buffer> => readBytes(new URL(`../fixtures/lines/${name}`, import.meta.url).pathname)

const totalsOf = async (...names: string[]): Promise<CoverageTotals> => {
  const coverage = new Coverage()
  for (const name of names) expect(await readCoverage(coverage, [await bytesOf(name)])).toEqual([])
  return coverage.totals()
}

/** The tools' own figures stand in the reports, or were printed beside them. */
const reports = [
  { name: 'jest.lcov', format: 'lcov', linesCovered: 2, linesTotal: 5 },
  { name: 'node.lcov', format: 'lcov', linesCovered: 8, linesTotal: 13 },
  { name: 'jest-cobertura.xml', format: 'cobertura', linesCovered: 2, linesTotal: 5 },
  { name: 'coveragepy-cobertura.xml', format: 'cobertura', linesCovered: 3, linesTotal: 6 },
  { name: 'jacoco.xml', format: 'jacoco', linesCovered: 2, linesTotal: 3 },
  { name: 'go-cover.out', format: 'go', linesCovered: 4, linesTotal: 7 },
]

test.each(reports)('$name is $format: $linesCovered of $linesTotal', async ({ name, format, ...totals }) => {
  expect(detectCoverage(await bytesOf(name))).toBe(format)
  expect(await totalsOf(name)).toMatchObject(totals)
})

describe('several reports', () => {
  test('of one file count each line once', async () => {
    expect(await totalsOf('jest.lcov', 'jest.lcov')).toEqual(await totalsOf('jest.lcov'))
    expect(await totalsOf('go-cover.out', 'go-cover.out')).toMatchObject({ linesCovered: 4, linesTotal: 7 })
  })

  test('of different files are added up', async () => {
    expect(await totalsOf('jest.lcov', 'jacoco.xml')).toMatchObject({ linesCovered: 4, linesTotal: 8, percent: 50 })
  })

  test('a line is covered when any of them says so, and paths are compared in one form', async () => {
    const coverage = new Coverage()
    const normalise = (file: string): string => file.replace('/w/', '')
    await readCoverage(coverage, [Buffer.from('SF:/w/a.js\nDA:1,0\nDA:2,1\nend_of_record\n')], { normalise })
    await readCoverage(coverage, [Buffer.from('SF:a.js\nDA:1,3\nDA:2,0\nDA:3,0\nend_of_record\n')], { normalise })
    expect(coverage.totals()).toMatchObject({ linesCovered: 2, linesTotal: 3 })
  })

  test('relative names of Cobertura start from its source folder', async () => {
    const coverage = new Coverage()
    const seen = new Set<string>()
    const normalise = (file: string): string => {
      seen.add(file)
      return file
    }
    await readCoverage(coverage, [await bytesOf('coveragepy-cobertura.xml')], { normalise })
    expect([...seen]).toEqual(['/srv/checkout/py/shop/cart.py'])
  })
})

test.each([
  { what: 'Clover, which has the root of Cobertura', bytes: bytesOf('jest-clover.xml'), fault: 'unknown' },
  { what: 'an empty file', bytes: Promise.resolve(Buffer.alloc(0)), fault: 'empty' },
  { what: 'a file without any line', bytes: Promise.resolve(Buffer.from('TN:\nSF:a.js\nend_of_record\n')), fault: 'empty' },
  {
    what: 'a cut file',
    bytes: Promise.resolve(Buffer.from('<coverage><packages><class filename="a"><line number="1" hits="1"/>')),
    fault: 'truncated',
  },
  { what: 'an entity bomb', bytes: Promise.resolve(Buffer.from('<!DOCTYPE coverage [<!ENTITY a "a">]><coverage/>')), fault: 'refused' },
])('$what has a fault', async ({ bytes, fault }) => {
  expect(await readCoverage(new Coverage(), [await bytes])).toMatchObject([{ kind: fault }])
})

test('without lines there is no percentage', () => {
  expect(new Coverage().totals()).toEqual({ linesCovered: 0, linesTotal: 0, percent: undefined })
})

test.each([
  [79.96, '79.9'],
  [80, '80.0'],
  [100, '100.0'],
  [(100 * 2) / 3, '66.6'],
  [0, '0.0'],
  [57.1, '57.1'],
])('%d is shown as %s: never more than it is', (percent, text) => {
  expect(formatPercent(percent)).toBe(text)
})
