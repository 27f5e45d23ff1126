import { describe, expect, it, test } from '@jest/globals'
import type { Claim, Finding, Source } from './finding.ts'
import { mergeFindings } from './merge.ts'
import { manifest } from './reports/scene.fake.ts'

const claim = (source: Source, value: string, more: Partial<Claim> = {}): Claim => ({
  ...{ source, id: 'CVE-1', severities: value === '' ? [] : [{ type: 'severity', value }], fixed: undefined, modified: '' },
  ...more,
})
const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{ id: 'CVE-1', aliases: [], summary: '', purl: 'pkg:npm/a@1', package: { name: 'a', version: '1', type: 'npm' } },
  ...{ subject: { digest: manifest, platform: 'linux/amd64' }, state: 'affected', level: 'low', fixed: [], locations: [] },
  claims: [claim('trivy', 'LOW')],
  ...more,
})

describe('findings of several sources', () => {
  test.each<readonly [string, readonly [string, string], string]>([
    ['the worst counts', ['LOW', 'Critical'], 'critical'],
    ['what nobody can place counts before critical', ['Critical', 'APOCALYPTIC'], 'unknown'],
    ['who says nothing does not count', ['LOW', ''], 'low'],
    ['who does not know does not count', ['LOW', 'Unknown'], 'low'],
    ['where nobody says anything it is unknown', ['', 'Unknown'], 'unknown'],
  ])('%s', (_, [first, second], level) => {
    const merged = mergeFindings([finding({ claims: [claim('trivy', first)] }), finding({ claims: [claim('grype', second)] })])
    expect(merged.map((one) => one.level)).toEqual([level])
  })

  it('are one by an alias of either, on whatever package that was said', () => {
    const merged = mergeFindings([
      finding({ id: 'GHSA-1', aliases: ['CVE-1'], purl: 'pkg:npm/b@1' }),
      finding({ id: 'GHSA-1' }),
      finding({ id: 'CVE-1' }),
      finding({ id: 'PYSEC-1', aliases: ['GHSA-1'] }),
    ])
    expect(merged.map(({ id, aliases, purl }) => [id, aliases, purl])).toEqual([
      ['CVE-1', ['GHSA-1', 'PYSEC-1'], 'pkg:npm/a@1'],
      ['CVE-1', ['GHSA-1', 'PYSEC-1'], 'pkg:npm/b@1'],
    ])
  })

  it('stay apart where names would join hundreds: a finding of each, with the few names that are its own', () => {
    const chain = Array.from({ length: 20_000 }, (_, at) =>
      finding({ id: `CVE-${at + 1}`, aliases: [`CVE-${at}`], purl: `pkg:npm/a@${at}` }),
    )
    const merged = mergeFindings(chain)
    expect(merged).toHaveLength(20_000)
    expect(Math.max(...merged.map(({ aliases }) => aliases.length))).toBeLessThan(100)
  })

  it('stay apart for each package, version and platform', () => {
    const other = { digest: manifest, platform: 'linux/arm64' }
    expect(
      mergeFindings([finding(), finding({ purl: 'pkg:npm/a@2' }), finding({ subject: other }), finding({ id: 'CVE-2' })]),
    ).toHaveLength(4)
  })

  it('are affected where one of them is, and else undetermined with the reason', () => {
    const open = finding({ state: 'undetermined', why: 'no order' })
    expect(mergeFindings([open, open])).toMatchObject([{ state: 'undetermined', why: 'no order' }])
    const [decided] = mergeFindings([open, finding()])
    expect([decided?.state, decided !== undefined && 'why' in decided]).toEqual(['affected', false])
  })

  it('unite versions, places and claims, each once', () => {
    const layer = manifest
    const [merged] = mergeFindings([
      finding({ fixed: ['2', '3'], locations: [{ path: 'x', layer }] }),
      finding({ fixed: ['3', '4'], locations: [{ path: 'x' }, { path: 'y' }], claims: [claim('trivy', 'LOW'), claim('grype', 'Low')] }),
    ])
    expect([merged?.fixed, merged?.locations, merged?.claims.map(({ source }) => source)]).toEqual([
      ['2', '3', '4'],
      [{ path: 'x', layer }, { path: 'y' }],
      ['trivy', 'grype'],
    ])
  })

  it('are as likely exploited as any says', () => {
    const kev = { added: '2026-01-01', ransomware: false }
    const [merged] = mergeFindings([
      finding({ exploitation: { epss: { score: 0.1, percentile: 0.5 }, kev } }),
      finding({ exploitation: { epss: { score: 0.3, percentile: 0.7 } } }),
    ])
    expect(merged?.exploitation).toEqual({ epss: { score: 0.3, percentile: 0.7 }, kev })
  })
})
