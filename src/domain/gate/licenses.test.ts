import { describe, expect, test } from '@jest/globals'
import { exception, judged, policy, under } from './finding.fake.ts'
import { verdictOn } from './licenses.ts'

const wanted = (licenses: object) => policy({ licenses }).licenses ?? { deny: [], allow: [], unknown: 'fail' as const }

describe('a licence', () => {
  test.each<readonly [string, object, readonly string[], string | undefined]>([
    ['that is denied', { deny: ['GPL-3.0-only'] }, ['GPL-3.0-only'], 'denied'],
    ['that nobody denies', { deny: ['GPL-3.0-only'] }, ['MIT'], undefined],
    ['that is allowed', { allow: ['MIT'] }, ['MIT'], undefined],
    ['in other letters', { allow: ['mit'] }, ['Mit'], undefined],
    ['that is not among those allowed', { allow: ['MIT'] }, ['ISC'], 'not allowed'],
    ['both denied and allowed', { deny: ['MIT'], allow: ['MIT'] }, ['MIT'], 'denied'],
    ['OR: one is enough', { allow: ['MIT'] }, ['(GPL-3.0-only OR MIT)'], undefined],
    ['OR of denied ones', { deny: ['GPL-*'] }, ['GPL-2.0-only OR GPL-3.0-only'], 'denied'],
    ['AND: all are needed', { allow: ['MIT'] }, ['MIT AND ISC'], 'not allowed'],
    ['AND binds more than OR', { allow: ['MIT', 'ISC'] }, ['MIT OR GPL-2.0-only AND ISC'], undefined],
    ['AND in brackets', { allow: ['ISC'] }, ['(MIT OR GPL-2.0-only) AND ISC'], 'not allowed'],
    ['several declarations are all needed', { allow: ['MIT'] }, ['MIT', 'ISC'], 'not allowed'],
    ['by how it begins', { deny: ['AGPL-*'] }, ['AGPL-3.0-or-later'], 'denied'],
    ['with an exception, denied without', { deny: ['GPL-2.0-only'] }, ['GPL-2.0-only WITH Classpath-exception-2.0'], 'denied'],
    [
      'with an exception that is allowed by name',
      { deny: ['GPL-2.0-only'], allow: ['GPL-2.0-only WITH Classpath-exception-2.0'] },
      ['GPL-2.0-only WITH Classpath-exception-2.0'],
      undefined,
    ],
    ['under its old name', { deny: ['GPL-2.0-only'] }, ['GPL-2.0'], 'denied'],
    ['under its old name, or later', { deny: ['GPL-2.0-or-later'] }, ['GPL-2.0+'], 'denied'],
    ['denied under its old name', { deny: ['GPL-2.0'] }, ['GPL-2.0-only'], 'denied'],
    ['or later, of one that is denied', { deny: ['AGPL-3.0'] }, ['AGPL-3.0-or-later'], 'denied'],
    ['or later, allowed by name', { deny: ['GPL-2.0-only'], allow: ['GPL-2.0-or-later'] }, ['GPL-2.0+'], undefined],
    ['with an exception in its old name', { deny: ['GPL-2.0'] }, ['GPL-2.0-with-classpath-exception'], 'denied'],
    ['or later, with an exception', { deny: ['GPL-2.0-only'] }, ['GPL-2.0-or-later WITH Classpath-exception-2.0'], 'denied'],
    ['or later, allowed', { allow: ['Apache-1.0'] }, ['Apache-1.0+'], undefined],
    ['of one’s own', { allow: ['LicenseRef-Acme'] }, ['LicenseRef-Acme'], undefined],
    ['in free text', { allow: ['MIT'] }, ['SEE LICENSE IN LICENSE.md'], 'unknown'],
    ['in free text with a name in it', { allow: ['MIT'] }, ['MIT License'], 'unknown'],
    ['that nobody declares', { deny: ['MIT'] }, [], 'unknown'],
    ['NOASSERTION', { allow: ['MIT'] }, ['NOASSERTION'], 'unknown'],
    ['unknown, where that passes', { allow: ['MIT'], unknown: 'pass' }, ['whatever'], undefined],
    ['unknown beside one that is denied', { deny: ['ISC'], unknown: 'pass' }, ['whatever', 'ISC'], 'denied'],
    ['of 2,001 letters', { allow: ['MIT'] }, [`${'MIT OR '.repeat(290)}MIT`], 'unknown'],
    ['of 101 brackets', { allow: ['MIT'] }, [`${'('.repeat(101)}MIT${')'.repeat(101)}`], 'unknown'],
    ['of a name that every object has', { allow: ['MIT'] }, ['constructor'], 'unknown'],
  ])('%s', (_, licenses, declared, expected) => expect(verdictOn(declared, wanted(licenses))).toBe(expected))
})

test.each([
  ['misspelt', ['Apache-2'], '"Apache-2" is no licence of SPDX; did you mean Apache-2.0?'],
  ['a beginning of none', ['XYZ-*'], 'no licence of SPDX begins as "XYZ-*" does'],
  ['an exception of none', ['GPL-2.0-only WITH Classpath'], '"Classpath" is no exception of SPDX'],
  ['a star alone', ['*'], 'no licence of SPDX begins as'],
])('a term that means no licence is refused: %s', (_, deny, why) => expect(() => policy({ licenses: { deny } })).toThrow(why))

describe('the gate', () => {
  const terms = { policy: policy({ licenses: { deny: ['GPL-*'] } }) }
  const evidence = { scanned: [under(['MIT'], ['GPL-3.0-only'], [])] }

  test('fails by licences, and says of how many packages', () => {
    expect(judged([], terms, evidence)).toMatchObject({
      verdict: 'fail',
      reasons: ['1 package under a licence that is denied', '1 package of unknown licence'],
      licenses: [{ purl: 'pkg:npm/p1@1.0.0' }, { purl: 'pkg:npm/p2@1.0.0', license: 'unknown' }],
    })
  })

  test('lets an exception excuse one, by its licence and package', () => {
    const { id: _, ...rest } = exception()
    const exceptions = [
      { ...rest, license: 'gpl-3.0-only', packages: [{ purl: 'pkg:npm/p1' }] },
      { ...rest, license: 'unknown', packages: [{ purl: 'pkg:npm/p2' }] },
    ]
    expect(judged([], { ...terms, exceptions }, evidence)).toMatchObject({ verdict: 'pass', unused: [] })
    expect(judged([], { ...terms, exceptions: exceptions.slice(0, 1) }, evidence).reasons).toEqual(['1 package of unknown licence'])
  })

  test('no exception excuses what only begins or reads like the licence that it names', () => {
    const { id: _, ...rest } = exception()
    const long = `free ${'x'.repeat(1000)}`
    const [one, two] = [judged([], terms, { scanned: [under([`${long}1`])] }), judged([], terms, { scanned: [under([`${long}2`])] })]
    const license = one.licenses[0]?.license ?? ''
    expect(license.length).toBeLessThan(500)
    expect(license).not.toBe(two.licenses[0]?.license)
    const either = { scanned: [under(['MIT OR ISC', 'Custom'])] }
    expect(judged([], terms, either).licenses[0]?.license).toBe('(MIT OR ISC) AND Custom')
    expect(judged([], { ...terms, exceptions: [{ ...rest, license: 'MIT OR ISC AND Custom' }] }, either).verdict).toBe('fail')
  })

  test('no exception of a vulnerability excuses a licence', () => {
    const { id: _, ...rest } = exception()
    expect(judged([], { ...terms, exceptions: [{ ...rest, packages: [{ purl: 'pkg:npm/p1' }] }] }, evidence).verdict).toBe('fail')
  })

  test('without licences in the policy asks for none', () => expect(judged([], {}, evidence).licenses).toEqual([]))
})
