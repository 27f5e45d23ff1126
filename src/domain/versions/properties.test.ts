import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareVersions, type Scheme, schemes } from './compare.ts'

const number = fc.constantFrom('0', '1', '2', '9', '10', '011', '20240101')
const numbers = fc.array(number, { minLength: 1, maxLength: 4 }).map((all) => all.join('.'))
const pieces = (alphabet: string, longest: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength: longest })

/** Versions that a scheme takes, small enough to be alike often. */
const versions: { readonly [S in Scheme]: fc.Arbitrary<string> } = {
  semver: joined(
    fc.constantFrom('1', '1.0', '1.0.0', '1.2.3', 'v1.2.3', '0'),
    fc.constantFrom('', '-a', '-a.1', '-a.b', '-1', '-1.a', '-rc.10', '+x'),
  ),
  pep440: joined(
    fc.constantFrom('1', '1.0', '1!1', '1.1'),
    fc.constantFrom('', 'a1', 'b2', 'rc1', 'c1'),
    fc.constantFrom('', '.post1', '-2'),
    fc.constantFrom('', '.dev1', '.dev0'),
    fc.constantFrom('', '+a', '+1', '+a.1'),
  ),
  maven: joined(numbers, fc.constantFrom('', '-', '.'), fc.constantFrom('alpha', 'a1', 'rc', 'x', 'sp2', '1', 'final', 'snapshot')),
  dpkg: joined(fc.constantFrom('', '0:', '1:'), fc.constant('1'), pieces('019a.~+', 5), fc.constantFrom('', '-0', '-1', '-1~a')),
  apk: joined(
    numbers,
    fc.constantFrom('', 'a', 'b'),
    fc.constantFrom('', '_alpha', '_rc1', '_p', '_p2_git1', '_git3'),
    fc.constantFrom('', '-r0', '-r12'),
  ),
  rpm: joined(fc.constantFrom('', '0:', '1:'), fc.constant('1'), pieces('019a._~^', 5), fc.constantFrom('', '-1', '-1.el9')),
  gem: joined(numbers, fc.constantFrom('', '.a', '.rc1', '-1', '.b.0', '.pre')),
  nuget: joined(numbers, fc.constantFrom('', '-a', '-A.1', '-1', '-a.10', '+m')),
  packagist: joined(fc.constantFrom('', 'v'), numbers, fc.constantFrom('', '-a', '-b2', '-RC1', '-p1', '-dev', '-beta1-dev')),
}

function joined(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((all) => all.join(''))
}

function order(scheme: Scheme, a: string, b: string): number {
  return Math.sign(compareVersions(scheme, a, b) ?? Number.NaN)
}

describe.each(schemes)('the order of %s', (scheme) => {
  test('is decided for every version, the same from both sides, and each version is like itself', () => {
    fc.assert(
      fc.property(versions[scheme], versions[scheme], (a, b) => {
        expect([order(scheme, a, b) + order(scheme, b, a), order(scheme, a, a)]).toEqual([0, 0])
      }),
    )
  })

  test('goes on: what is not after b, which is not after c, is not after c; and what is like b stands to all as b does', () => {
    fc.assert(
      fc.property(versions[scheme], versions[scheme], versions[scheme], (x, y, z) => {
        const [a, b, c] = [x, y, z].sort((left, right) => order(scheme, left, right)) as [string, string, string]
        const [ab, bc, ac] = [order(scheme, a, b), order(scheme, b, c), order(scheme, a, c)]
        expect({ a, b, c, ac }).toEqual({ a, b, c, ac: Math.min(ab, bc) })
      }),
      { numRuns: 500 },
    )
  })

  test('ends for any text, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), versions[scheme], (a, b) => {
        const seen = compareVersions(scheme, a, b)
        expect(seen === undefined || Number.isFinite(seen)).toBe(true)
      }),
    )
  })
})
