import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { groupPackages, type PackageFiles, packagesOf } from './package-groups.ts'

const MiB = 2 ** 20
const packages = (sizes: Readonly<Record<string, number>>): PackageFiles<string>[] =>
  Object.entries(sizes).map(([name, size]) => ({ name, size, files: [name] }))
const own = (sizes: Readonly<Record<string, number>>, rules = 0): readonly string[] =>
  groupPackages(packages(sizes), rules).own.map(({ name }) => name)

/** Twelve packages from 1 to 12 MiB. */
const dozen = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`p${index + 1}`, (index + 1) * MiB]))

describe('packages as layers', () => {
  test.each<[string, Readonly<Record<string, number>>, number, readonly string[]]>([
    ['small ones share one', { a: MiB - 1, b: 10 }, 0, []],
    ['large ones have one each', { b: MiB, a: 5 * MiB, c: 10 }, 0, ['a', 'b']],
    ['seven at most, the largest', dozen, 0, ['p10', 'p11', 'p12', 'p4', 'p5', 'p8', 'p9']],
    ['fewer where the user has layers', dozen, 5, ['p10', 'p11']],
    ['none where the user has many', dozen, 20, []],
  ])('%s', (_, sizes, rules, expected) => expect(own(sizes, rules)).toEqual(expected))

  it('are the same whatever order they are found in, and every one is somewhere', () => {
    const sizes = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 64 * MiB }), { maxKeys: 30 })
    fc.assert(
      fc.property(sizes, (given) => {
        const { own: large, rest } = groupPackages(packages(given), 0)
        expect(groupPackages(packages(given).reverse(), 0)).toEqual({ own: large, rest })
        expect([...large, ...rest].map(({ name }) => name).toSorted()).toEqual(Object.keys(given).toSorted())
      }),
    )
  })

  it('that grow within their power of two move nothing', () => {
    expect(own({ ...dozen, p4: 5 * MiB, p9: 15 * MiB })).toEqual(own(dozen))
  })

  it('of which one changes, comes or goes: it changes places with one other at most', () => {
    const sizes = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer({ min: 0, max: 64 * MiB }), { minKeys: 1, maxKeys: 30 })
    fc.assert(
      fc.property(sizes, fc.nat(), fc.integer({ min: 0, max: 64 * MiB }), (given, which, size) => {
        const names = Object.keys(given)
        const changed = names[which % names.length] ?? ''
        const [before, after] = [new Set(own(given)), new Set(own({ ...given, [changed]: size }))]
        const moved = [...new Set([...before, ...after])].filter((name) => name !== changed && before.has(name) !== after.has(name))
        expect(moved.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('take the files that belong to them', () => {
    const files = ['a/1', 'b/1', 'a/2']
    expect(packagesOf(files, { nameOf: (file) => file.charAt(0), sizeOf: () => 3 })).toEqual([
      { name: 'a', files: ['a/1', 'a/2'], size: 6 },
      { name: 'b', files: ['b/1'], size: 3 },
    ])
  })
})
