import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Finding } from '../findings/finding.ts'
import type { Exception } from './exception.ts'
import { exception, finding, image, judged, now, policy } from './finding.fake.ts'
import { checkGatePolicy, type GatePolicy, policyDigest } from './policy.ts'

const ids = fc.constantFrom('CVE-1', 'CVE-2', 'GHSA-1')
const purls = fc.constantFrom('pkg:npm/a@1.0.0', 'pkg:npm/a@2.0.0', 'pkg:npm/%40s/b@1.0.0', 'pkg:deb/debian/c@1')
const unit = fc.double({ min: 0, max: 1, noNaN: true })

const findings: fc.Arbitrary<readonly Finding[]> = fc.array(
  fc
    .record({
      ...{ id: ids, purl: purls, level: fc.constantFrom('unknown', 'critical', 'high', 'medium', 'low' as const) },
      ...{ state: fc.constantFrom('affected', 'undetermined' as const), fixed: fc.constantFrom<readonly string[]>([], ['3.0.0']) },
      ...{ score: fc.option(unit, { nil: undefined }), isExploited: fc.boolean(), age: fc.integer({ min: -5, max: 40 }) },
    })
    .map(({ score, isExploited, age, ...given }) => ({
      ...finding({ ...given, published: new Date(now - age * 86_400_000).toISOString() }),
      exploitation: {
        ...(score === undefined ? {} : { epss: { score, percentile: score } }),
        ...(isExploited ? { kev: { added: '2026-01-01', ransomware: false } } : {}),
      },
    })),
  { maxLength: 6 },
)

const exceptions: fc.Arbitrary<readonly Exception[]> = fc.array(
  fc
    .record({
      id: ids,
      purl: fc.option(purls, { nil: undefined }),
      days: fc.integer({ min: -3, max: 3 }),
      origin: fc.string({ maxLength: 3 }),
    })
    .map(({ id, purl, days, origin }) =>
      exception({ id, origin, packages: purl === undefined ? [] : [{ purl }], ends: now + days * 86_400_000 }),
    ),
  { maxLength: 5 },
)

const given = fc.record(
  {
    'fail-on': fc.constantFrom('critical', 'high', 'medium', 'low', 'none'),
    'fixable-only': fc.boolean(),
    'fix-available-for': fc.constantFrom('1d', '14d'),
    ...{ kev: fc.constantFrom('fail', 'pass'), epss: unit, 'new-only': fc.boolean() },
    ...{ undetermined: fc.constantFrom('fail', 'pass'), 'unknown-severity': fc.constantFrom('fail', 'pass') },
  },
  { requiredKeys: [] },
)
const policies: fc.Arbitrary<GatePolicy> = given.map(policy)
const baselines = fc.option(
  findings.map((all) => ({
    ...{ origin: 'base.json', digest: image },
    findings: all.map(({ id, purl, state }) => ({ names: [id], purl, state })),
  })),
  { nil: undefined },
)
const scenes = fc.record({ found: findings, exceptions, policy: policies, baseline: baselines })

describe('the gate', () => {
  test('never fails because of one more exception', () => {
    fc.assert(
      fc.property(scenes, exceptions, ({ found, ...terms }, more) => {
        fc.pre(judged(found, terms).verdict === 'pass')
        expect(judged(found, { ...terms, exceptions: [...terms.exceptions, ...more] }).verdict).toBe('pass')
      }),
    )
  })

  test('never fails because of one finding less', () => {
    fc.assert(
      fc.property(scenes, fc.nat(), ({ found, ...terms }, at) => {
        fc.pre(found.length > 0 && judged(found, terms).verdict === 'pass')
        expect(judged(found.toSpliced(at % found.length, 1), terms).verdict).toBe('pass')
      }),
    )
  })

  test('never passes because of one finding more, or of a baseline that knows less', () => {
    fc.assert(
      fc.property(scenes, findings, ({ found, ...terms }, more) => {
        fc.pre(judged(found, terms).verdict === 'fail')
        expect(judged([...found, ...more], terms).verdict).toBe('fail')
        expect(judged(found, { ...terms, baseline: undefined }).verdict).toBe('fail')
      }),
    )
  })

  test('says the same of findings and exceptions in any order', () => {
    fc.assert(
      fc.property(scenes, ({ found, ...terms }) => {
        const [one, other] = [judged(found, terms), judged(found.toReversed(), { ...terms, exceptions: terms.exceptions.toReversed() })]
        expect([other.verdict, other.reasons, new Set(other.failing)]).toEqual([one.verdict, one.reasons, new Set(one.failing)])
      }),
    )
  })

  test('fails by what is exploited whatever else the policy says, and whatever is known', () => {
    fc.assert(
      fc.property(scenes, ({ found, baseline, policy: other }) => {
        const exploited = found.filter(({ exploitation }) => exploitation?.kev !== undefined)
        const { failing } = judged(found, { baseline, policy: { ...other, kev: 'fail' } })
        expect(exploited.filter((one) => !failing.includes(one))).toEqual([])
      }),
    )
  })
})

describe('the digest of a policy', () => {
  const shuffled = (value: object): object => Object.fromEntries(Object.entries(value).toReversed())

  test('is that of its values, in whatever order they stand, as are those of exceptions', () => {
    fc.assert(
      fc.property(given, exceptions, (value, all) => {
        const [one, other] = [checkGatePolicy(value, 'a'), checkGatePolicy(shuffled(value), 'b')]
        const moved = all.map((each) => ({ ...(shuffled(each) as Exception), origin: 'elsewhere' })).toReversed()
        expect(policyDigest(shuffled(other) as GatePolicy, moved)).toBe(policyDigest(one, all))
      }),
    )
  })

  test('is another for another policy', () => {
    fc.assert(
      fc.property(policies, policies, (one, other) => {
        const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
        expect(policyDigest(one, []) === policyDigest(other, [])).toBe(isSame)
      }),
    )
  })
})
