import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import parse, { type Info } from 'spdx-expression-parse'
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import identifiers from 'spdx-license-ids/index.json' with { type: 'json' }
import { isLicenseExpression, licenseId } from './licenses.ts'

describe('a licence', () => {
  test.each([
    ['MIT', 'MIT'],
    ['apache-2.0', 'Apache-2.0'],
    [' ISC ', 'ISC'],
    ['GPL-2.0', 'GPL-2.0'],
    ['GPL-2.0+', undefined],
    ['GPL-2+', undefined],
    ['MIT OR ISC', undefined],
    ['', undefined],
  ])('%j has the identifier %j', (text, identifier) => {
    expect(licenseId(text)).toBe(identifier)
  })

  test.each([
    ['MIT', true],
    ['(MIT OR Apache-2.0)', true],
    ['GPL-2.0-or-later WITH Classpath-exception-2.0', true],
    ['MIT AND (ISC OR (BSD-3-Clause AND Zlib))', true],
    ['GPL-2.0+', true],
    ['MIT OR Mine', false],
    ['MIT OR LicenseRef-mine', false],
    ['DocumentRef-x:LicenseRef-y', false],
    ['MIT OR', false],
    ['MIT ISC', false],
    ['', false],
    [`${'('.repeat(400)}MIT${')'.repeat(400)}`, true],
    [`${'('.repeat(200_000)}MIT${')'.repeat(200_000)}`, false],
  ])('%j is an expression of listed ones: %j', (text, expected) => {
    expect(isLicenseExpression(text)).toBe(expected)
  })

  test('of any text is told without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof isLicenseExpression(text) === 'boolean'))
  })

  test('is an expression where the parser of SPDX says so', () => {
    const word = fc.constantFrom(
      'MIT',
      'GPL-2.0+',
      'ISC',
      'Mine',
      'AND',
      'OR',
      'WITH',
      '(',
      ')',
      'Classpath-exception-2.0',
      'LicenseRef-a',
      '+',
    )
    const phrase = fc.array(word, { maxLength: 9 })
    const sound = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 3 }, fc.constantFrom('MIT', 'Zlib', 'GPL-2.0-only WITH Classpath-exception-2.0'), tie('pair')),
      pair: fc.tuple(tie('node'), fc.constantFrom('AND', 'or'), tie('node')).map(([a, by, b]) => `(${String(a)} ${by} ${String(b)})`),
    })).node
    const all = fc.oneof(
      phrase.map((words) => words.join(' ')),
      sound.map(String),
    )
    // The parser takes a pair of brackets with nothing in it for nothing at all: `( ) MIT`.
    const text = all.filter((one) => !/\( *\)/.test(one))
    fc.assert(
      fc.property(text, (one) => expect([one, isLicenseExpression(one)]).toEqual([one, isParsed(one)])),
      { numRuns: 2000 },
    )
    expect(isLicenseExpression('( ) MIT')).toBe(false)
  })

  test('of the list is one of CycloneDX’s list too: its schema takes no other', () => {
    const schema = JSON.parse(readFileSync(new URL('fixtures/spdx.SNAPSHOT.schema.json', import.meta.url), 'utf8'))
    const [known, theirs] = [[...identifiers, ...deprecated], new Set<string>(schema.enum)]
    expect(known.length).toBeGreaterThan(700)
    expect(known.filter((one) => !theirs.has(one))).toEqual([])
  })
})

function isParsed(text: string): boolean {
  try {
    return isListed(parse(text))
  } catch {
    return false
  }
}

function isListed(info: Info): boolean {
  return 'conjunction' in info ? isListed(info.left) && isListed(info.right) : licenseId(info.license) !== undefined
}
