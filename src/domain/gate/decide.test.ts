import { describe, expect, test } from '@jest/globals'
import type { Finding } from '../findings/finding.ts'
import type { Baseline } from './baseline.ts'
import { exception, finding, image, judged, now, policy } from './finding.fake.ts'

const kev = { kev: { added: '2026-11-01', ransomware: false } }
const epss = (score: number, percentile = 0.5): Pick<Finding, 'exploitation'> => ({ exploitation: { epss: { score, percentile } } })
const low = finding({ level: 'low' })
const unfixed = { fixed: [] as readonly string[] }

describe('what selects', () => {
  test.each<readonly [string, object, Finding, readonly string[]]>([
    ['a severity', {}, finding(), ['severity']],
    ['no lower one', {}, low, []],
    ['no severity at all', { 'fail-on': 'none' }, finding(), []],
    ['what nobody has rated', {}, finding({ level: 'unknown' }), ['unknown-severity']],
    ['what cannot be decided', {}, finding({ state: 'undetermined', level: 'low' }), ['undetermined']],
    ['KEV, whatever the severity', { kev: 'fail' }, { ...low, exploitation: kev }, ['kev']],
    ['KEV, where no severity fails', { kev: 'fail', 'fail-on': 'none' }, { ...low, exploitation: kev }, ['kev']],
    ['KEV, without a fix', { kev: 'fail', 'fixable-only': true }, { ...finding({ ...unfixed }), exploitation: kev }, ['kev', 'severity']],
    [
      'KEV, also where the version is undetermined',
      { kev: 'fail', undetermined: 'pass' },
      { ...finding({ state: 'undetermined' }), exploitation: kev },
      ['kev'],
    ],
    ['not KEV where the policy does not ask', {}, { ...low, exploitation: kev }, []],
    ['EPSS, from its score on', { epss: 0.1 }, { ...low, ...epss(0.1) }, ['epss']],
    ['no lower EPSS', { epss: 0.1 }, { ...low, ...epss(0.0999) }, []],
    ['EPSS by percentile', { epss: { percentile: 0.95 } }, { ...low, ...epss(0, 0.96) }, ['epss']],
    ['EPSS by either', { epss: { score: 0.5, percentile: 0.95 } }, { ...low, ...epss(0.6, 0.1) }, ['epss']],
    ['nothing without a score', { epss: 0 }, low, []],
    [
      'EPSS without a fix, where only what can be mended counts: not',
      { epss: 0.1, 'fixable-only': true },
      { ...finding({ ...unfixed }), ...epss(0.9) },
      [],
    ],
  ])('%s', (_, given, one, expected) => {
    const { rulings, verdict } = judged([one], { policy: policy(given) })
    expect([rulings.get(one)?.by, verdict]).toEqual([expected, expected.length === 0 ? 'pass' : 'fail'])
  })

  test('every condition has its own reason', () => {
    const findings = [
      finding({ id: 'A' }),
      { ...finding({ id: 'B', level: 'low' }), exploitation: { ...kev, ...epss(0.5).exploitation } },
      finding({ id: 'C', state: 'undetermined' }),
      finding({ id: 'D', level: 'unknown' }),
    ]
    expect(judged(findings, { policy: policy({ kev: 'fail', epss: 0.1 }) }).reasons).toEqual([
      '1 critical, 1 of unknown severity',
      '1 known to be exploited (KEV)',
      '1 likely to be exploited (EPSS from 0.1)',
      '1 undetermined',
    ])
  })
})

describe('a fix that is known for a while', () => {
  const wait = policy({ 'fix-available-for': '14d' })
  test.each<readonly [string, Finding, string | undefined]>([
    ['fails when it is long known', finding({ published: '2026-11-08T11:59:00Z' }), undefined],
    ['is waited for before', finding({ published: '2026-11-08T12:01:00Z' }), 'fix-too-new'],
    ['is long known where nobody says since when', finding(), undefined],
    ['is long known where it would come from the future', finding({ published: '2027-11-08T12:01:00Z' }), undefined],
    ['is not there', finding({ ...unfixed, published: '2020-01-01T00:00:00Z' }), 'no-fix'],
    ['does not matter to what is undetermined', finding({ state: 'undetermined', published: '2026-11-21T00:00:00Z' }), undefined],
  ])('%s', (_, one, spared) => {
    const { rulings, verdict } = judged([one], { policy: wait })
    expect([rulings.get(one)?.spared, verdict]).toEqual([spared, spared === undefined ? 'fail' : 'pass'])
  })

  test('of several claims the one without a date counts, then the oldest', () => {
    const [young] = finding({ published: '2026-11-21T00:00:00Z' }).claims
    const [undated] = finding().claims
    const [old] = finding({ published: '2026-01-01T00:00:00Z' }).claims
    const verdicts = [[young], [young, undated], [young, old]].map(
      (claims) => judged([{ ...finding(), claims: claims.flatMap((one) => one ?? []) }], { policy: wait }).verdict,
    )
    expect(verdicts).toEqual(['pass', 'fail', 'fail'])
  })
})

describe('only what is new', () => {
  const baseline = (...findings: Baseline['findings']): Baseline => ({ origin: 'base.json', digest: image, findings })
  const newOnly = policy({ 'new-only': true, kev: 'fail' })
  const known = { names: ['CVE-2026-1'], purl: 'pkg:npm/lodash@4.17.20', state: 'affected' } as const
  test.each<readonly [string, Baseline['findings'][number], Finding, boolean]>([
    ['the same', known, finding(), true],
    ['another version of the package', known, finding({ purl: 'pkg:npm/lodash@4.17.19' }), true],
    ['one of its other names', known, finding({ id: 'GHSA-1', aliases: ['CVE-2026-1'] }), true],
    ['one of its other names then', { ...known, names: ['GHSA-1', 'CVE-2026-1'] }, finding({ id: 'CVE-2026-1' }), true],
    ['a scoped package without a version', { ...known, purl: 'pkg:npm/%40a/b' }, finding({ purl: 'pkg:npm/%40a/b@1.0.0' }), true],
    ['another vulnerability', known, finding({ id: 'CVE-2026-2' }), false],
    [
      'another one under the advisory of both',
      { ...known, names: ['CVE-2026-1', 'DSA-1'] },
      finding({ id: 'CVE-2026-2', aliases: ['DSA-1'] }),
      false,
    ],
    ['another package', known, finding({ purl: 'pkg:npm/lodash-es@4.17.20' }), false],
    ['what was undetermined and is affected now', { ...known, state: 'undetermined' }, finding(), false],
    ['what was affected and is undetermined now', known, finding({ state: 'undetermined' }), true],
    ['what is exploited now', known, { ...finding(), exploitation: kev }, false],
  ])('%s', (_, before, one, spared) => {
    const { rulings, verdict } = judged([one], { policy: newOnly, baseline: baseline(before) })
    expect([rulings.get(one)?.spared, verdict]).toEqual(spared ? ['known', 'pass'] : [undefined, 'fail'])
  })

  test('without the policy what is known is told and fails', () => {
    const one = finding()
    const { known: seen, verdict } = judged([one], { baseline: baseline(known) })
    expect([seen?.has(one), verdict]).toEqual([true, 'fail'])
  })

  test('no baseline knows nothing', () => {
    expect([judged([finding()], { policy: newOnly }).verdict, judged([finding()]).known]).toEqual(['fail', undefined])
  })
})

describe('an exception', () => {
  test('excuses whatever selects, KEV too', () => {
    const one = { ...finding(), exploitation: kev }
    expect(judged([one], { policy: policy({ kev: 'fail' }), exceptions: [exception()] })).toMatchObject({
      verdict: 'pass',
      excepted: [{ finding: one }],
    })
  })

  test('that has expired is named, and excuses nothing', () => {
    const past = exception({ ends: now })
    expect(judged([finding()], { exceptions: [past] })).toMatchObject({ verdict: 'fail', expired: [{ exception: past }], excepted: [] })
  })

  test('beside one that has expired counts', () => {
    expect(judged([finding()], { exceptions: [exception({ ends: now - 1 }), exception()] })).toMatchObject({ verdict: 'pass', expired: [] })
  })

  test('that is about nothing that was found is told', () => {
    const [used, unused] = [exception(), exception({ id: 'CVE-2020-9' })]
    expect(judged([finding()], { exceptions: [used, unused] }).unused).toEqual([unused])
  })

  test.each<readonly [string, Parameters<typeof exception>[0], boolean]>([
    ['a package URL with its qualifiers', { packages: [{ purl: 'pkg:npm/lodash@4.17.20?arch=x' }] }, false],
    ['a name and version', { packages: [{ name: 'lodash', version: '4.17.20', type: 'npm' }] }, true],
    ['another type', { packages: [{ name: 'lodash', type: 'deb' }] }, false],
    ['any of several packages', { packages: [{ name: 'x' }, { purl: 'pkg:npm/lodash' }] }, true],
    ['any of several places', { paths: ['srv', 'app/**/package.json'] }, true],
    ['a pattern of one level', { paths: ['app/*/package.json'] }, false],
    ['a pattern anywhere', { paths: ['**/package.json'] }, true],
    ['all vulnerabilities of a package', { id: undefined as never, packages: [{ name: 'lodash' }] }, true],
  ])('is about %s', (_, given, isAbout) => {
    expect(judged([finding()], { exceptions: [exception(given)] }).verdict).toBe(isAbout ? 'pass' : 'fail')
  })
})

test.each([
  ['of last month', '2026-10-21T00:00:00Z', 'longer ago than 7d'],
  ['of tomorrow and later', '2026-12-21T00:00:00Z', 'the age of the database is not known'],
  ['of no date', '', 'the age of the database is not known'],
])('a database %s fails', (_, databaseDate, why) => {
  expect(judged([], {}, { databaseDate }).reasons).toEqual([expect.stringContaining(why)])
})

test('each part of what was asked is as old as itself, and one that rarely has news has longer', () => {
  const [day, date] = [86_400_000, '2026-11-10T00:00:00Z']
  const dates = [
    { what: 'Debian', date: '2026-11-22T00:00:00Z', silence: 0 },
    { what: 'npm', date, silence: 0 },
    { what: 'RubyGems', date, silence: 14 * day },
    { what: 'KEV', date: '2026-10-10T00:00:00Z', silence: 14 * day },
  ]
  expect(judged([], {}, { dates }).reasons).toEqual([
    'the newest entry of npm is of 2026-11-10T00:00:00Z, longer ago than 7d',
    'the newest entry of KEV is of 2026-10-10T00:00:00Z, longer ago than 7d, and the 14 days for which there may be nothing new',
  ])
})

test('a date of others stays a text on one line', () => {
  const { reasons } = judged([], {}, { databaseDate: '2020-01-01 (\n::error::x)' })
  expect(reasons).toHaveLength(1)
  expect(reasons[0]).not.toMatch(/\n/)
})
