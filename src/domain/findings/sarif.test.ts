import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, test } from '@jest/globals'
import { Ajv, type ValidateFunction } from 'ajv'
import { sha256 } from '../../base/digest.ts'
import type { Finding, Level, Subject } from './finding.ts'
import { sarifOf } from './sarif.ts'

const amd64: Subject = { digest: sha256('amd64'), platform: 'linux/amd64' }
const arm64: Subject = { digest: sha256('arm64'), platform: 'linux/arm64' }

function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    ...{ id, aliases: ['GHSA-1'], summary: 'lodash does too much', purl: 'pkg:npm/lodash@4.17.20', state: 'affected', level: 'high' },
    package: { name: 'lodash', version: '4.17.20', type: 'npm' },
    ...{ subject: amd64, fixed: ['4.17.21'], locations: [{ path: 'app/node_modules/lodash/package.json', layer: sha256('layer') }] },
    claims: [{ source: 'osv', id: 'GHSA-1', severities: [{ type: 'word', value: 'IMPORTANT' }], fixed: '4.17.21', modified: '' }],
    ...more,
  }
}

interface Log {
  readonly runs: readonly {
    readonly automationDetails: { readonly id: string }
    readonly tool: {
      readonly driver: { readonly rules: readonly { readonly id: string; readonly properties: Readonly<Record<string, unknown>> }[] }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly message: { readonly text: string }
      readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[]
      readonly partialFingerprints: Readonly<Record<string, string>>
      readonly properties: Readonly<Record<string, unknown>>
      readonly suppressions?: readonly unknown[]
    }[]
  }[]
}

const source = { name: 'team/app', subjects: [amd64] }
const parsed = (text: string): Log => JSON.parse(text) as Log
const only = (one: Finding, name = 'team/app') => {
  const [result] = parsed(sarifOf({ ...source, name, findings: [one] }).text).runs[0]?.results ?? []
  if (result === undefined) throw new Error('no result')
  return result
}
const uriOf = (one: Finding, name?: string): string => only(one, name).locations[0]?.physicalLocation.artifactLocation.uri ?? ''

let validate: ValidateFunction | undefined
function faultsOf(text: string): readonly string[] {
  if (validate === undefined) {
    const url = new URL('fixtures/sarif-schema-2.1.0.json', import.meta.url)
    // Draft 4 names itself otherwise; nothing else in this schema differs from what this validator knows.
    const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(url, 'utf8')) as Record<string, unknown>
    validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
  }
  validate(JSON.parse(text))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)
}

describe('what is written', () => {
  const hostile = 'a\r\n::error::x ##[add-mask]y <script>alert(1)</script> [link](javascript:x) \ud800'
  test.each<readonly [string, readonly Finding[]]>([
    ['nothing', []],
    ['a finding', [finding('CVE-2021-1')]],
    [
      'one that is undetermined, with all that can be known',
      [
        finding('CVE-2021-1', {
          state: 'undetermined',
          why: 'no order',
          score: 9.8,
          exploitation: { epss: { score: 0.4, percentile: 0.9 }, kev: { added: '2026-01-01', ransomware: false } },
        }),
      ],
    ],
    ['one without a place', [finding('CVE-2021-1', { locations: [], fixed: [], aliases: [], summary: '' })]],
    [
      'words of others',
      [
        finding(hostile, {
          aliases: [hostile],
          summary: hostile,
          purl: hostile,
          fixed: [hostile],
          package: { name: hostile, version: hostile, type: hostile },
          locations: [{ path: hostile }],
        }),
      ],
    ],
  ])('is SARIF 2.1.0 by its schema: %s', (_, findings) => {
    const { text, compressed } = sarifOf({ ...source, findings, excuses: new Map(findings.map((one) => [one, hostile])) })
    expect(faultsOf(text)).toEqual([])
    expect(gunzipSync(compressed).toString()).toBe(text)
  })

  it('is refused by the same check where it is none', () => {
    expect(faultsOf(JSON.stringify({ version: '2.1.0', runs: [{ results: [{ level: 'fatal' }] }] }))).not.toEqual([])
  })

  it('holds nothing that a viewer would render or a runner obey', () => {
    const { text } = sarifOf({ ...source, findings: [finding(hostile, { summary: hostile })] })
    expect(text).not.toMatch(/<script|\]\(|##\[|\\r|\\n/)
  })
})

describe('an alert is known again', () => {
  const again = only(finding('CVE-2021-1'))
  const later = {
    package: { name: 'lodash', version: '4.17.19', type: 'npm' },
    purl: 'pkg:npm/lodash@4.17.19',
    subject: { ...amd64, digest: sha256('later') },
  }

  it('in a later build, of another version of the package', () => {
    const { ruleId, partialFingerprints, locations } = only(finding('CVE-2021-1', later))
    expect({ ruleId, partialFingerprints, locations: locations[0]?.physicalLocation }).toEqual({
      ruleId: 'CVE-2021-1',
      partialFingerprints: again.partialFingerprints,
      locations: again.locations[0]?.physicalLocation,
    })
  })

  test.each<readonly [string, Finding, string]>([
    ['another vulnerability', finding('CVE-2021-2'), 'team/app'],
    ['another package of the same file', finding('CVE-2021-1', { purl: 'pkg:npm/lodash-es@4.17.20' }), 'team/app'],
    ['another place', finding('CVE-2021-1', { locations: [{ path: 'srv/node_modules/lodash/package.json' }] }), 'team/app'],
    ['another image', finding('CVE-2021-1'), 'team/other'],
  ])('and is not taken for %s', (_, one, name) => {
    expect(only(one, name).partialFingerprints).not.toEqual(again.partialFingerprints)
  })

  it('by a line hash, which is the one that GitHub reads', () => {
    expect(again.partialFingerprints['primaryLocationLineHash']).toMatch(/^[0-9a-f]{16}:1$/)
  })
})

describe('the place of a result', () => {
  test.each<readonly [string, Partial<Finding>, string]>([
    ['its file in the image', {}, 'image/team/app/app/node_modules/lodash/package.json'],
    ['the package where no file is known', { locations: [] }, 'image/team/app/npm/lodash'],
    ['encoded', { locations: [{ path: 'a b/ü?#%/c:d' }] }, 'image/team/app/a%20b/%C3%BC%3F%23%25/c%3Ad'],
    ['never out of the image', { locations: [{ path: '../../etc//passwd' }] }, 'image/team/app/%2E%2E/%2E%2E/etc/passwd'],
  ])('is %s', (_, more, uri) => {
    expect(uriOf(finding('CVE-2021-1', more))).toBe(uri)
  })
})

describe('a run', () => {
  it('is of each platform, also of one on which nothing was found: that closes its alerts', () => {
    const { runs } = parsed(sarifOf({ ...source, subjects: [amd64, arm64], findings: [finding('CVE-2021-1')] }).text)
    expect(runs.map(({ automationDetails, results }) => [automationDetails.id, results.length])).toEqual([
      ['scan/team/app/linux/amd64/', 1],
      ['scan/team/app/linux/arm64/', 0],
    ])
  })

  it('has each rule once, with the worst that is known of it', () => {
    const findings = [
      finding('CVE-1', { level: 'low', purl: 'pkg:npm/a@1' }),
      finding('CVE-1', { level: 'critical', score: 9.8 }),
      finding('CVE-2'),
    ]
    const [run] = parsed(sarifOf({ ...source, findings }).text).runs
    expect(run?.tool.driver.rules.map(({ id, properties }) => [id, properties['security-severity']])).toEqual([
      ['CVE-1', '9.8'],
      ['CVE-2', '8.0'],
    ])
    expect(run?.results.map(({ ruleId, ruleIndex }) => [ruleId, ruleIndex])).toEqual([
      ['CVE-1', 0],
      ['CVE-2', 1],
      ['CVE-1', 0],
    ])
  })

  it('keeps what the sources said, and the layer', () => {
    expect(only(finding('CVE-1')).properties).toEqual({
      severity: 'high',
      state: 'affected',
      severities: ['osv GHSA-1 word IMPORTANT'],
      layers: [sha256('layer')],
    })
  })

  it('has excused findings as suppressed ones', () => {
    const [excused, open] = [finding('CVE-1'), finding('CVE-2')]
    const [run] = parsed(sarifOf({ ...source, findings: [excused, open], excuses: new Map([[excused, 'not reachable']]) }).text).runs
    expect(run?.results.map(({ suppressions }) => suppressions)).toEqual([
      [{ kind: 'external', status: 'accepted', justification: 'not reachable' }],
      undefined,
    ])
  })
})

describe('the limits', () => {
  const levels: readonly Level[] = ['low', 'critical', 'medium', 'high']
  const many = (count: number, subject = amd64): Finding[] =>
    Array.from({ length: count }, (_, at) =>
      finding(`CVE-${at}`, { subject, level: levels[at % 4] ?? 'low', summary: sha256(`${at}`).repeat(10) }),
    )
  const big = 2 ** 40
  const idsOf = (text: string): string[] => parsed(text).runs.flatMap(({ results }) => results.map(({ ruleId }) => ruleId))
  const severities = (text: string): unknown[] => [
    ...new Set(parsed(text).runs.flatMap(({ results }) => results.map(({ properties }) => properties['severity']))),
  ]

  it('of 6,000 findings keep the worst 5,000, and say how many are left out', () => {
    const { text, left } = sarifOf({ ...source, findings: many(6000) })
    expect([idsOf(text).length, left, severities(text)]).toEqual([5000, 1000, ['critical', 'high', 'medium', 'low']])
    expect(parsed(text).runs[0]?.results.filter(({ properties }) => properties['severity'] === 'low')).toHaveLength(500)
  })

  it('are of each platform for itself', () => {
    const { text, left } = sarifOf(
      { ...source, subjects: [amd64, arm64], findings: [...many(30), ...many(20, arm64)] },
      { runs: 20, results: 25, text: big, compressed: big },
    )
    expect([parsed(text).runs.map(({ results }) => results.length), left]).toEqual([[25, 20], 5])
  })

  test.each([
    ['text', { text: 40_000, compressed: big }],
    ['compressed text', { text: big, compressed: 20_000 }],
  ])('of the %s cut the least severe of all platforms', (_, size) => {
    const limits = { runs: 20, results: 5000, ...size }
    const { text, compressed, left } = sarifOf(
      { ...source, subjects: [amd64, arm64], findings: [...many(100), ...many(100, arm64)] },
      limits,
    )
    expect([Buffer.byteLength(text) <= limits.text, compressed.length <= limits.compressed]).toEqual([true, true])
    expect([idsOf(text).length + left, idsOf(text).length > 10, left > 0]).toEqual([200, true, true])
    expect(severities(text)).not.toContain('low')
  })

  it('that nothing fits into leave runs without results', () => {
    const { text, left } = sarifOf({ ...source, findings: many(10) }, { runs: 20, results: 5000, text: 10, compressed: 10 })
    expect([idsOf(text), left]).toEqual([[], 10])
  })

  it('take 20 runs: what is on further platforms is counted as left out', () => {
    const subjects = Array.from({ length: 22 }, (_, at): Subject => ({ digest: sha256(`${at}`), platform: `linux/${at}` }))
    const { text, left } = sarifOf({ ...source, subjects, findings: subjects.map((subject) => finding('CVE-1', { subject })) })
    expect([parsed(text).runs.length, left]).toEqual([20, 2])
  })
})
