import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { baseText, shareOf } from './base.ts'
import type { Finding } from './finding.ts'

const [debian, app] = [sha256('debian'), sha256('app')]

function finding(id: string, layers: readonly (typeof debian | undefined)[], platform = 'linux/amd64'): Finding {
  return {
    ...{ id, aliases: [], summary: '', purl: `pkg:deb/debian/${id}@1`, state: 'affected', level: 'high', fixed: [], claims: [] },
    package: { name: id, version: '1', type: 'deb' },
    subject: { digest: sha256(platform), platform },
    locations: layers.map((layer) => ({ path: 'x', ...(layer === undefined ? {} : { layer }) })),
  }
}

const layers = new Set([debian])
const text = (findings: readonly Finding[]): string | undefined => {
  const share = shareOf(findings, { name: 'debian:12', layers })
  return share && baseText(share)
}

describe('of what was found, the base brings', () => {
  test.each<readonly [string, readonly Finding[], string | undefined]>([
    ['what lies in its layers', [finding('a', [debian]), finding('b', [app])], '1 of 2 come from the base debian:12'],
    ['nothing that lies in others as well', [finding('a', [debian, app])], '0 of 1 come from the base debian:12'],
    ['nothing of which the layer is not known', [finding('a', [undefined]), finding('b', [])], '0 of 2 come from the base debian:12'],
    [
      'the same once for all platforms',
      [finding('a', [debian]), finding('a', [debian], 'linux/arm64')],
      '1 of 1 come from the base debian:12',
    ],
    ['nothing to be told of where there is nothing', [], undefined],
  ])('%s', (_, findings, expected) => {
    expect(text(findings)).toBe(expected)
  })

  it('nothing that can be told where no layer is known to be its', () => {
    expect(shareOf([finding('a', [debian])], { name: 'debian:12', layers: new Set() })).toBeUndefined()
  })
})

it('names other bases, the best three first', () => {
  const candidates = [4, 0, 9, 2].map((findings, at) => ({ name: `b:${at}`, findings }))
  const share = shareOf([finding('a', [debian])], { name: '', layers, candidates })
  expect(share && baseText(share)).toBe('1 of 1 come from the base; b:1 has 0; b:3 has 2; b:0 has 4')
})
