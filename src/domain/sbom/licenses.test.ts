import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
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

  test('of the list is one of CycloneDX’s list too: its schema takes no other', () => {
    const schema = JSON.parse(readFileSync(new URL('fixtures/spdx.SNAPSHOT.schema.json', import.meta.url), 'utf8'))
    const [known, theirs] = [[...identifiers, ...deprecated], new Set<string>(schema.enum)]
    expect(known.length).toBeGreaterThan(700)
    expect(known.filter((one) => !theirs.has(one))).toEqual([])
  })
})
