import { describe, expect, test } from '@jest/globals'
import { compareVersions, type Scheme } from './compare.ts'

/** Each line rises from left to right; `=` joins what is equal. From the specifications and the test suites of the ecosystems. */
const rising: readonly (readonly [Scheme, string])[] = [
  [
    'semver',
    '1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0 < 2.0.0 < 2.1.0 < 2.1.1',
  ],
  ['semver', '0 = 0.0.0 < 1 = 1.0 = v1.0.0 = 1.0.0+build < 1.9 < 1.10 < 1.10.1'],
  [
    'semver',
    '0.0.0-20190308221718-c2843e01d9a2 < 0.0.0-20200101000000-aaaaaaaaaaaa < 1.21.0-rc.2 = go1.21rc2 < 1.21.0-rc.3 < go1.21 < go1.21.1',
  ],
  ['semver', '1.0.0-9007199254740990 < 1.0.0-a < 1.0.0-a-b < 1.0.0'],
  [
    'pep440',
    '1.dev0 < 1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 < 1.1.dev1',
  ],
  ['pep440', '2012.10 < 1!0.1 = 1!0.1.0 < 1!1.0'],
  ['pep440', '1.0rc1 = 1.0-c1 = v1.0.RC.1 < 1.0 = 1 = 1.0.0 < 1.0-1 = 1.0.post1'],
  [
    'maven',
    '1-alpha-1 < 1-beta-1 < 1-milestone-1 = 1-m1 < 1-rc-1 = 1-cr1 < 1-snapshot < 1 = 1.0 = 1-ga = 1.0.0-final = 1-release = 1. < 1-sp < 1-abc < 1-xyz < 1-1 < 1-2 < 1.1',
  ],
  ['maven', '1.0.alpha1 = 1.0-alpha-1 = 1-a1 < 1.0 < 1.0.1 < 1.0.2 < 1.0.11 < 1.1-alpha-1 < 1.1 < 2'],
  ['maven', '2.0.1-xyz < 2.0.1-123 < 2.0.2'],
  ['maven', '1.0.0-foo.0.0 = 1-foo'],
  ['maven', '20190126.230843 < 20190126230843'],
  ['dpkg', '1.0~~ < 1.0~~a < 1.0~ < 1.0 = 1.00 = 0:1.0 = 1.0-0 < 1.0-1 < 1.0a < 1.0+ < 1.0.1 < 1.1 < 1:0.1'],
  ['dpkg', '2.36-9+deb12u1 < 2.36-9+deb12u9 < 2.36-9+deb12u10 < 2.37-0ubuntu1~ < 2.37-0ubuntu1'],
  ['dpkg', '1.2.3-b < 1.2.3-a-b < 1.2.3-a-c < 1.2.3-b-a'],
  [
    'apk',
    '1.0_alpha < 1.0_alpha2 < 1.0_beta < 1.0_pre1 < 1.0_rc1 < 1.0 < 1.0-r0 < 1.0-r1 < 1.0-r10 < 1.0_cvs < 1.0_p1 < 1.0_p2 < 1.0a < 1.0b < 1.0.1 < 1.01 < 1.1 < 1.9 < 1.10 < 2',
  ],
  ['apk', '3.1.4-r5 < 3.1.4-r6 < 3.1.5-r0'],
  ['rpm', '1.0~rc1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 < 1.0^git1~pre < 1.0^git1 < 1.0a < 1.0.1 < 1.1'],
  ['rpm', '1.0-1.el9 < 1.0-1.el9_1 < 1.0-2.el9 < 1.0-10.el9 < 1:0.1-1'],
  ['rpm', '1.0.a = 1.0a = 1_0_a = 1.00.a'],
  ['gem', '1.0.a < 1.0.a.2 < 1.0.b1 < 1.0-rc1 < 1.0 = 1 = 1.0.0 < 1.0.1 < 1.9.3 < 1.10'],
  ['nuget', '1.0.0-alpha < 1.0.0-Beta < 1.0.0-beta.2 < 1.0.0-beta.10 < 1.0.0-rc < 1.0 = 1.0.0 = 1.0.0.0 = 1.0.0+meta < 1.0.0.1 < 1.0.1'],
  ['packagist', '1.0-dev < 1.0-alpha1 = 1.0.0a1 < 1.0-beta1 < 1.0-RC1 < 1.0 = v1.0.0 = 1.0.0.0 < 1.0-p1 = 1.0-patch1 < 1.0.1 < 1.10'],
]

function parse(line: string): readonly (readonly string[])[] {
  return line.split(' < ').map((group) => group.split(' = '))
}

describe('the order of versions', () => {
  test.each(rising)('%s: %s', (scheme, line) => {
    const groups = parse(line)
    const wrong: string[] = []
    groups.forEach((left, i) => {
      groups.forEach((right, j) => {
        for (const a of left) {
          for (const b of right) {
            const seen = compareVersions(scheme, a, b)
            if (seen === undefined || Math.sign(seen) !== Math.sign(i - j)) wrong.push(`${a} and ${b}: ${seen}, expected ${i - j}`)
          }
        }
      })
    })
    expect(wrong).toEqual([])
  })

  test.each<readonly [Scheme, string]>([
    ['semver', 'latest'],
    ['semver', ''],
    ['semver', '1.2.3.4.5 beta'],
    ['semver', '99999999999999999999.0.0'],
    ['pep440', 'unknown'],
    ['pep440', '1.0-foo'],
    ['maven', ' '],
    ['dpkg', '1.0 beta'],
    ['dpkg', ''],
    ['dpkg', '1.0-'],
    ['apk', '1.0-beta'],
    ['apk', '1..0'],
    ['rpm', ''],
    ['rpm', '1-2-3'],
    ['gem', 'a.b'],
    ['nuget', '1.2.3.4.5'],
    ['packagist', 'dev-main'],
    ['packagist', '1.0.x-dev'],
    ['dpkg', '1'.repeat(513)],
  ])('%s: %j is no version, and no order is made up', (scheme, version) => {
    expect([compareVersions(scheme, version, '1.0'), compareVersions(scheme, '1.0', version)]).toEqual([undefined, undefined])
  })
})
