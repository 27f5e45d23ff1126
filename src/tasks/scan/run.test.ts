import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { advisory, now, npm, type Scanned, scan } from './scene.fake.ts'

const outputs = ({ outputs: all }: Scanned): Readonly<Record<string, string>> => Object.fromEntries(all)
const codeOf = ({ failure }: Scanned): unknown => (failure instanceof TaskError ? [failure.code, failure.exit] : failure)
const reportOf = ({ files }: Scanned): Report => JSON.parse(files?.get('report') ?? '{}') as Report
interface Report {
  readonly verdict: string
  readonly findings: readonly { readonly id: string; readonly aliases: readonly string[]; readonly level: string; readonly state: string }[]
  readonly unscanned: readonly { readonly what: string; readonly why: string }[]
  readonly expired: readonly unknown[]
}

const refused = ['SW-SCAN-REFUSED', 3]
const lodash = advisory('GHSA-lodash', 'lodash', '4.17.21')

describe('a scan', () => {
  it('finds what an advisory means in an image of a layout, and the gate refuses it with exit code 3', async () => {
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'])], advisories: [lodash] })
    expect([codeOf(seen), outputs(seen)]).toEqual([
      refused,
      expect.objectContaining({ verdict: 'fail', critical: '1', high: '0', unknown: '0' }),
    ])
    expect(seen.failure).toHaveProperty('message', `${seen.digest} does not pass the gate: 1 critical.`)
    expect(reportOf(seen).findings).toEqual([
      expect.objectContaining({ id: 'GHSA-lodash', fixed: ['4.17.21'], level: 'critical', score: 9.8 }),
    ])
  })

  it('counts what can be mended apart from the rest, as Konflux does', async () => {
    const open = advisory('CVE-2', 'left', '', {
      affected: [{ package: { ecosystem: 'npm', name: 'left' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
    })
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'], ['left', '1.0.0'])], advisories: [lodash, open] })
    const none = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 }
    expect(JSON.parse(outputs(seen)['severities'] ?? '')).toEqual({
      vulnerabilities: { ...none, critical: 1 },
      unpatched_vulnerabilities: { ...none, critical: 1 },
    })
  })

  it('keeps for `attest` and `verify` the verdict, the time and the digest of the policy', async () => {
    const { record, outputs: all, digest, files } = await scan({ layers: [npm(['lodash', '4.17.21'])], advisories: [lodash] })
    expect(record.findings).toEqual({
      subject: digest,
      severities: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
      verdict: 'pass',
      policy: all.get('policy'),
      report: '.slipway/outputs/scan/report',
      file: sha256(files?.get('report') ?? ''),
      databaseDate: '2026-11-20T00:00:00Z',
      finished: new Date(now).toISOString(),
    })
  })

  it('tells which layer and path brought a package', async () => {
    const report = reportOf(await scan({ layers: [{ 'a.txt': 'a' }, npm(['lodash', '4.17.20'])], advisories: [lodash] }))
    expect(report.findings[0]).toHaveProperty('locations', [
      { path: 'app/node_modules/lodash/package.json', layer: expect.stringMatching(/^sha256:/) },
    ])
  })

  it('is one finding where several advisories name one vulnerability, under its CVE', async () => {
    const other = advisory('CVE-2021-1', 'lodash', '4.17.21', { aliases: ['GHSA-lodash'], severity: [] })
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'])], advisories: [lodash, other] })
    expect(reportOf(seen).findings).toEqual([expect.objectContaining({ id: 'CVE-2021-1', aliases: ['GHSA-lodash'], level: 'critical' })])
  })

  it('leaves out what was withdrawn', async () => {
    const gone = { ...lodash, withdrawn: '2026-11-21T00:00:00Z' }
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'])], advisories: [gone] })
    expect([seen.failure, reportOf(seen).findings]).toEqual([undefined, []])
  })

  it('without a database says so before anything else', async () => {
    const seen = await scan({ layers: [npm(['lodash', '1.0.0'])], advisories: [lodash], inputs: { database: '' } })
    expect(codeOf(seen)).toEqual(['SW-SCAN-NO-DATABASE', 2])
  })

  it.each([
    ['is empty', 'advisories'],
    ['is not there', 'none'],
    ['is a file', 'layout/oci-layout'],
  ])('by a database that %s is an error, never clean', async (_, database) => {
    const seen = await scan({ layers: [npm(['lodash', '1.0.0'])], advisories: [], inputs: { database } })
    expect(codeOf(seen)).toEqual(['SW-ADVISORIES-MISSING', 2])
  })

  it('ends at a record that is none: what it warns of would be missed', async () => {
    const seen = await scan({ layers: [npm(['lodash', '1.0.0'])], advisories: [{ affected: [{ package: { name: 'lodash' } }] }] })
    expect(codeOf(seen)).toEqual(['SW-ADVISORIES-INVALID', 2])
  })
})

describe('what cannot be told fails', () => {
  test.each<readonly [string, Parameters<typeof scan>[0], string]>([
    ['a version without an order', { layers: [npm(['lodash', 'latest'])], advisories: [lodash] }, '1 undetermined'],
    [
      'a severity that nobody has given',
      { layers: [npm(['lodash', '1.0.0'])], advisories: [{ ...lodash, severity: [] }] },
      '1 of unknown severity',
    ],
    [
      'a severity in words that nobody knows',
      { layers: [npm(['lodash', '1.0.0'])], advisories: [{ ...lodash, severity: [], database_specific: { severity: 'APOCALYPTIC' } }] },
      '1 of unknown severity',
    ],
    [
      'an ecosystem that the database has nothing of',
      {
        layers: [npm(['lodash', '4.17.21'])],
        advisories: [{ ...lodash, affected: [{ package: { ecosystem: 'PyPI', name: 'lodash' }, versions: ['1'] }] }],
      },
      '1 thing could not be scanned',
    ],
    [
      'an old database',
      { layers: [npm(['lodash', '4.17.21'])], advisories: [{ ...lodash, modified: '2026-11-01T00:00:00Z' }] },
      'longer ago than 7d',
    ],
    [
      'a database from the future',
      { layers: [npm(['lodash', '4.17.21'])], advisories: [{ ...lodash, modified: '2027-11-01T00:00:00Z' }] },
      'the age of npm is not known',
    ],
  ])('%s', async (_, scene, why) => {
    const seen = await scan(scene)
    expect([codeOf(seen), seen.failure]).toEqual([refused, expect.objectContaining({ message: expect.stringContaining(why) })])
  })

  it('unless the policy lets it through', async () => {
    const policy = 'undetermined: pass\nunknown-severity: pass\nunscannable: pass\nmax-database-age: 9999d\n'
    const seen = await scan({
      layers: [npm(['lodash', 'latest'], ['left', '1.0.0'])],
      advisories: [{ ...lodash, severity: [] }, advisory('GHSA-left', 'left', '2.0.0', { severity: [], modified: '2020-01-01T00:00:00Z' })],
      inputs: { policy: 'scan.yaml' },
      files: { 'scan.yaml': policy },
    })
    expect([seen.failure, outputs(seen)]).toEqual([undefined, expect.objectContaining({ verdict: 'pass', unknown: '2' })])
  })
})

describe('the gate', () => {
  const medium = advisory('GHSA-m', 'm', '2.0.0', { severity: [], database_specific: { severity: 'MODERATE' } })
  test.each<readonly [string, string, string]>([
    ['medium', 'fail', 'at the severity that fails'],
    ['high', 'pass', 'below it'],
    ['none', 'pass', 'where no severity fails'],
  ])('fail-on %s: %s, %s', async (failOn, verdict) => {
    expect(outputs(await scan({ layers: [npm(['m', '1.0.0'])], advisories: [medium], inputs: { 'fail-on': failOn } }))).toMatchObject({
      verdict,
      medium: '1',
    })
  })

  it('with fixable-only lets through what no version is free of', async () => {
    const open = advisory('GHSA-o', 'o', '9', {
      affected: [{ package: { ecosystem: 'npm', name: 'o' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
    })
    const scene = { layers: [npm(['o', '1.0.0'])], advisories: [open] }
    expect([codeOf(await scan(scene)), codeOf(await scan({ ...scene, inputs: { 'fixable-only': 'true' } }))]).toEqual([refused, undefined])
  })

  const excuse = (more: string): Readonly<Record<string, string>> => ({
    'e.yaml': `exceptions:\n  - id: CVE-2021-1\n    reason: not reachable\n    owner: team-shop\n${more}`,
  })
  const scene = (more: string): Parameters<typeof scan>[0] => ({
    layers: [npm(['lodash', '4.17.20'])],
    advisories: [{ ...lodash, aliases: ['CVE-2021-1'] }],
    inputs: { exceptions: 'e.yaml' },
    files: excuse(more),
  })
  test.each<readonly [string, string, unknown]>([
    ['by an alias, until its day', '    expires: 2026-12-01\n', undefined],
    ['on its last day', '    expires: 2026-11-22\n', undefined],
    ['no more on the day after', '    expires: 2026-11-21\n', refused],
    ['for its package, of any version', '    expires: 2026-12-01\n    package: pkg:npm/lodash\n', undefined],
    ['for its version', '    expires: 2026-12-01\n    package: pkg:npm/lodash@4.17.20\n', undefined],
    ['not for another package', '    expires: 2026-12-01\n    package: pkg:npm/lodash-es\n', refused],
    ['below its path', '    expires: 2026-12-01\n    path: app\n', undefined],
    ['not beside its path', '    expires: 2026-12-01\n    path: ap\n', refused],
    ['not without a day', '', ['SW-GATE-EXCEPTIONS', 2]],
    ['not until a day that never comes', '    expires: 2026-02-30\n', ['SW-GATE-EXCEPTIONS', 2]],
    ['not with a key that nobody knows', '    expires: 2026-12-01\n    packge: pkg:npm/x\n', ['SW-GATE-EXCEPTIONS', 2]],
  ])('excuses a finding %s', async (_, more, code) => {
    expect(codeOf(await scan(scene(more)))).toEqual(code)
  })

  it('names an exception that has expired, and whose it is', async () => {
    const seen = await scan(scene('    expires: 2026-11-21\n'))
    expect(seen.recorded.lines.join('\n')).toContain('the exception of CVE-2021-1 expired on 2026-11-21, ask team-shop')
    expect(reportOf(seen).expired).toHaveLength(1)
  })

  it('has another digest for another policy, and for other exceptions', async () => {
    const digests = [
      await scan({ layers: [npm(['m', '1.0.0'])], advisories: [medium] }),
      await scan({ layers: [npm(['m', '1.0.0'])], advisories: [medium], inputs: { 'fail-on': 'high' } }),
      await scan({ layers: [npm(['m', '1.0.0'])], advisories: [medium], inputs: { 'fail-on': 'low' } }),
      await scan({
        layers: [npm(['m', '1.0.0'])],
        advisories: [medium],
        ...{ inputs: { exceptions: 'e.yaml' }, files: excuse('    expires: 2026-12-01\n') },
      }),
    ].map((seen) => outputs(seen)['policy'])
    expect([digests[0] === digests[1], new Set(digests).size]).toEqual([true, 3])
  })
})

describe('what comes from images and advisories', () => {
  const evil = '::error::owned\r\n::set-output name=x::y <img src=x onerror=alert(1)> [a](javascript:x)'

  it('is on one line of the log, starts no command and has no markup in SARIF', async () => {
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'])], advisories: [{ ...lodash, id: `GHSA-${evil}`, summary: evil }] })
    const table = seen.recorded.lines.find((line) => line.startsWith('untrusted')) ?? ''
    expect(table).toContain('owned')
    expect(table).not.toMatch(/[\r]|^\s*::/m)
    const sarif = seen.files?.get('sarif') ?? ''
    expect(sarif).toContain('owned')
    expect(sarif).not.toMatch(/[<>]|\]\(/)
  })

  it('is told in at most 40 lines, the summary first', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `p${at}`)
    const seen = await scan({
      layers: [npm(...names.map((name) => [name, '1.0.0'] as const))],
      advisories: names.map((name) => advisory(`GHSA-${name}`, name, '2.0.0')),
    })
    const [table = ''] = seen.recorded.lines.filter((line) => line.startsWith('untrusted'))
    const lines = table.split('\n')
    expect([lines.length <= 40, lines[0]]).toEqual([true, expect.stringContaining('fail  300 critical')])
  })
})

describe('SARIF', () => {
  it('has fingerprints and places that stay from version to version', async () => {
    const results = await Promise.all(
      ['4.17.19', '4.17.20'].map(async (version) => {
        const seen = await scan({ layers: [npm(['lodash', version])], advisories: [lodash], inputs: { name: 'team/app' } })
        const log = JSON.parse(seen.files?.get('sarif') ?? '') as {
          runs: { results: { locations: unknown; partialFingerprints: unknown }[] }[]
        }
        return log.runs[0]?.results.map(({ locations, partialFingerprints }) => ({
          locations: JSON.stringify(locations).replaceAll(version, 'V'),
          partialFingerprints,
        }))
      }),
    )
    expect(results[0]).toEqual(results[1])
    expect(results[0]?.[0]?.locations).toContain('"uri":"image/team/app/app/node_modules/lodash/package.json"')
  })
})
