import { describe, expect, test } from '@jest/globals'
import { compareVersions, type Scheme, schemes } from './compare.ts'
import { rising } from './vectors.fake.ts'

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

  test.each(schemes)('%s is tried with 200 pairs and more', (scheme) => {
    const pairs = rising.filter(([each]) => each === scheme).map(([, line]) => (parse(line).length * (parse(line).length - 1)) / 2)
    expect(pairs.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(200)
  })

  test.each<readonly [Scheme, string]>([
    ['semver', '1.2beta'],
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

  test('packagist: 500 digits that end in nonsense are refused at once', () => {
    expect(compareVersions('packagist', `1p${'1'.repeat(500)}!`, '1')).toBeUndefined()
  })

  test('apk: what its grammar does not have is ordered by what stands before it, and only by that', () => {
    const seen = (['1.9.0', '1.8.30', '1.8.31p2'] as const).map((other) =>
      Math.sign(compareVersions('apk', '1.8.31p1', other) ?? Number.NaN),
    )
    expect(seen).toEqual([-1, 1, Number.NaN])
  })

  const none = ['', '(devel)', 'unknown', 'UNKNOWN', 'latest', 'HEAD', 'null', 'unspecified', '$' + '{project.version}']
  const hashes = ['5f4dcc3', 'deadbeef12ab', 'c2843e01d9a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6', '1234567890123456789012345678901234567890']
  test.each(schemes)('%s: what stands for no version, and a commit, has no place in any order', (scheme) => {
    expect([...none, ...hashes].filter((version) => compareVersions(scheme, version, '1') !== undefined)).toEqual([])
  })

  test.each<readonly [Scheme, string]>([
    ['apk', '20211018a'],
    ['dpkg', '2024a-0+deb12u1'],
    ['semver', '0.0.0-20190308221718-c2843e01d9a2'],
    ['rpm', '20230731'],
  ])('%s: %s is a version, however much it is like a hash', (scheme, version) => {
    expect(compareVersions(scheme, version, version)).toBe(0)
  })
})
