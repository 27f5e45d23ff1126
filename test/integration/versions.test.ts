/** The order of versions beside dpkg and Python's own `packaging`. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareVersions, type Scheme } from '../../src/domain/versions/compare.ts'
import { output } from '../real/program.ts'

type Pair = readonly [string, string]
const words = ['lt', 'eq', 'gt']

/** Pairs that theirs and ours order in other ways, each with both answers. */
function differing(scheme: Scheme, pairs: readonly Pair[], theirs: readonly string[]): readonly string[] {
  return pairs.flatMap(([a, b], at) => {
    const ours = words[Math.sign(compareVersions(scheme, a, b) ?? Number.NaN) + 1] ?? 'none'
    return theirs[at] === ours ? [] : [`${a} ${b}: theirs ${theirs[at]}, ours ${ours}`]
  })
}

function sample(version: fc.Arbitrary<string>): readonly Pair[] {
  return fc.sample(fc.tuple(version, version), { numRuns: 2000, seed: 7 })
}

function joined(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((all) => all.join(''))
}

describe('versions of Debian', () => {
  const parts = fc.string({ unit: fc.constantFrom(...'0019xZ.~+-'), maxLength: 8 })
  const numbers = fc.nat(20).map(String)
  const pairs = sample(joined(fc.constantFrom('', '0:', '1:', '10:'), numbers, parts, fc.constantFrom('', '-1', '-0ubuntu1~', '-2+b1')))

  it('stand to one another as dpkg says, for 2,000 random pairs', async () => {
    const script =
      'while read -r a b; do for o in lt eq gt; do dpkg --compare-versions "$a" "$o" "$b" 2>/dev/null && echo "$o" && break; done || echo none; done'
    const input = `${pairs.map((pair) => pair.join(' ')).join('\n')}\n`
    const theirs = (await output(['bash', '-c', script], { input })).trim().split('\n')
    expect([theirs.length, differing('dpkg', pairs, theirs)]).toEqual([2000, []])
  }, 300_000)
})

describe('versions of Python packages', () => {
  const pairs = sample(
    joined(
      fc.constantFrom('', '', '1!', 'v'),
      fc.constantFrom('1', '1.0', '1.0.0', '1.10', '0', '2012.4', '01.1'),
      fc.constantFrom('', '', 'a1', '.alpha2', '-b.3', 'rc1', '_c1', '.preview4', 'x'),
      fc.constantFrom('', '', '.post1', '-2', '.r3', '.rev0', '-'),
      fc.constantFrom('', '', '.dev1', 'dev0', '-dev'),
      fc.constantFrom('', '', '+a', '+1', '+ubuntu-1.2', '+'),
    ),
  )

  it('stand to one another as packaging says, for 2,000 random pairs', async () => {
    const script = `
import sys
try: from packaging.version import Version, InvalidVersion
except ImportError: from pip._vendor.packaging.version import Version, InvalidVersion
for line in sys.stdin:
    try:
        a, b = [Version(each) for each in line.split()]
        print('lt' if a < b else 'gt' if a > b else 'eq')
    except InvalidVersion: print('none')`
    const input = `${pairs.map((pair) => pair.join(' ')).join('\n')}\n`
    const theirs = (await output(['python3', '-c', script], { input })).trim().split('\n')
    expect([theirs.length, differing('pep440', pairs, theirs)]).toEqual([2000, []])
  })
})
