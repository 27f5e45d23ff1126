/** The order of versions beside dpkg. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareVersions } from '../../src/domain/versions/compare.ts'
import { output } from '../real/program.ts'

describe('versions of Debian', () => {
  const parts = fc.string({ unit: fc.constantFrom(...'0019aZ.~+-'), maxLength: 8 })
  const version = fc
    .tuple(fc.constantFrom('', '0:', '1:', '10:'), fc.nat(20), parts, fc.constantFrom('', '-1', '-0ubuntu1~', '-2+b1'))
    .map((all) => all.join(''))
  const pairs = fc.sample(fc.tuple(version, version), { numRuns: 2000, seed: 7 })

  it('stand to one another as dpkg says, for 2,000 random pairs', async () => {
    const script =
      'while read -r a b; do for o in lt eq gt; do dpkg --compare-versions "$a" "$o" "$b" 2>/dev/null && echo "$o" && break; done || echo none; done'
    const input = `${pairs.map((pair) => pair.join(' ')).join('\n')}\n`
    const theirs = (await output(['bash', '-c', script], { input })).trim().split('\n')
    const ours = pairs.map(([a, b]) => ['lt', 'eq', 'gt'][Math.sign(compareVersions('dpkg', a, b) ?? Number.NaN) + 1] ?? 'none')
    const differing = pairs.flatMap(([a, b], at) => (theirs[at] === ours[at] ? [] : [`${a} ${b}: dpkg ${theirs[at]}, ours ${ours[at]}`]))
    expect([theirs.length, differing]).toEqual([2000, []])
  })
})
