import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { harborReportTypes } from './harbor.ts'
import { parseReport, readReport } from './read-report.ts'
import { recorded } from './scene.fake.ts'

const folder = temporaryFolder()

const file = (text: string | Buffer): string => {
  const path = join(mkdtempSync(join(folder, 'report-')), 'report.json')
  writeFileSync(path, text)
  return path
}

describe('a report of trivy', () => {
  const report = parseReport(recorded('trivy'), 'trivy.json')
  it('says by its configuration and layers which image it is about', () => {
    expect([report.source, report.about.digests, report.about.diffIds.length, report.about.platform]).toEqual([
      'trivy',
      ['sha256:286a744d7ea00efae2c81b8be685d92abb1f88b07514cdb942762adda808a19b'],
      2,
      'linux/amd64',
    ])
  })
  it('is read with the verdict, the scores of each source, and why nothing is fixed', () => {
    const lodash = report.reported.find(({ id }) => id === 'CVE-2021-23337')
    expect(lodash).toMatchObject({
      package: { name: 'lodash', version: '4.17.20', purl: 'pkg:npm/lodash@4.17.20' },
      fixed: ['4.17.21'],
      locations: [{ path: 'app/node_modules/lodash/package.json' }],
      claims: [
        {
          source: 'trivy',
          severities: [
            { type: 'severity', value: 'HIGH' },
            { type: 'CVSS_V3', value: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H' },
            { type: 'ghsa', value: 'high' },
            { type: 'nvd', value: 'high' },
          ],
        },
      ],
    })
    expect(report.reported.find(({ id }) => id === 'CVE-2024-0002')?.claims).toMatchObject([{ status: 'will_not_fix', fixed: undefined }])
  })
  it('does not make one of all vulnerabilities that an advisory mends', () => {
    expect(report.reported.find(({ id }) => id === 'CVE-2024-0001')?.aliases).toEqual([])
  })
  it('leaves out what it says is not affected, and tells of a release that nobody keeps', () => {
    const vulnerability = { VulnerabilityID: 'CVE-1', PkgName: 'a', InstalledVersion: '1', Status: 'not_affected' }
    const old = parseReport(
      {
        SchemaVersion: 2,
        ArtifactName: 'a',
        Metadata: { OS: { Family: 'debian', Name: '9', EOSL: true } },
        Results: [{ Class: 'lang-pkgs', Vulnerabilities: [vulnerability] }],
      },
      'old.json',
    )
    expect([old.reported, old.unscanned.map(({ what }) => what), old.covers]).toEqual([
      [],
      ['debian 9'],
      { system: false, languages: true },
    ])
  })
})

describe('a report of grype', () => {
  const report = parseReport(recorded('grype'), 'grype.json')
  it('says what it is about, and how old its database is', () => {
    expect([report.about.digests, report.date.slice(0, 10)]).toEqual([
      [
        'sha256:8dfa11dcbc92fb3dc4bfac446b14784df8e3907963115d1325f2314d476fc04f',
        'sha256:286a744d7ea00efae2c81b8be685d92abb1f88b07514cdb942762adda808a19b',
      ],
      '2026-11-22',
    ])
  })
  it('has the CVE of a GHSA among its names, paths without a slash, and the state of a fix', () => {
    expect(report.reported.map(({ id, aliases, claims }) => [id, aliases, claims[0]?.status])).toEqual([
      ['GHSA-35jh-r3h4-6jhm', ['CVE-2021-23337'], undefined],
      ['CVE-2024-0001', [], undefined],
      ['CVE-2024-0002', [], 'wont-fix'],
    ])
    expect(report.reported[0]?.locations[0]?.path).toBe('app/node_modules/lodash/package.json')
  })
  it('is a claim on each vulnerability that an advisory of a distribution mends', () => {
    const match = {
      vulnerability: { id: 'ELSA-2026-1', severity: 'High', fix: { versions: ['2'], state: 'fixed' } },
      relatedVulnerabilities: [{ id: 'CVE-2026-1' }, { id: 'CVE-2026-2' }],
      artifact: { name: 'a', version: '1', purl: 'pkg:rpm/oracle/a@1' },
    }
    const { reported } = parseReport({ matches: [match], descriptor: { name: 'grype' } }, 'grype.json')
    expect(reported.map(({ id, aliases, claims }) => [id, aliases, claims[0]?.id])).toEqual([
      ['CVE-2026-1', [], 'ELSA-2026-1'],
      ['CVE-2026-2', [], 'ELSA-2026-1'],
    ])
  })
  it('tells what FIRST and CISA say, as grype passes it on', () => {
    const vulnerability = {
      ...{
        id: 'CVE-2026-1',
        severity: 'Low',
        epss: [
          { epss: 0.2, percentile: 0.9 },
          { epss: 0.4, percentile: 0.95 },
        ],
      },
      knownExploited: [{ dateAdded: '2026-01-02', dueDate: '2026-02-02', knownRansomwareCampaignUse: 'Known' }],
    }
    const { reported } = parseReport({ matches: [{ vulnerability, artifact: { name: 'a' } }], descriptor: {} }, 'grype.json')
    expect(reported[0]?.exploitation).toEqual({
      epss: { score: 0.4, percentile: 0.95 },
      kev: { added: '2026-01-02', due: '2026-02-02', ransomware: true },
    })
  })
})

describe('a report of osv-scanner', () => {
  it('says by its layers what it is about, and names the installed package rather than its source', () => {
    const { about, reported } = parseReport(recorded('osv-scanner'), 'osv.json')
    expect([about.digests.length, about.diffIds.length]).toEqual([0, 2])
    expect(reported).toMatchObject([
      { id: 'DEBIAN-CVE-2024-0001', aliases: ['CVE-2024-0001'], package: { name: 'libssl3' }, fixed: ['3.0.13-1~deb12u1'] },
    ])
  })
})

describe('a report of osv-scanner on a package of a distribution', () => {
  const entry = (ecosystem: string, fixed: string, severity: string): object => ({
    ...{ package: { ecosystem, name: 'openssl' }, severity: [{ type: 'Ubuntu', score: severity }] },
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
  })
  it('has the fix and the severity of its own release', () => {
    const vulnerability = {
      ...{ id: 'UBUNTU-CVE-2026-1', modified: '2026-11-20T00:00:00Z' },
      affected: [entry('Ubuntu:24.04:LTS', '9', 'low'), entry('Ubuntu:22.04:LTS', '2', 'high')],
    }
    const about = { name: 'openssl', version: '1', ecosystem: 'Ubuntu:22.04:LTS' }
    const value = { results: [{ packages: [{ package: about, vulnerabilities: [vulnerability] }] }], experimental_config: {} }
    expect(parseReport(value, 'osv.json').reported).toMatchObject([
      { fixed: ['2'], claims: [{ severities: [{ type: 'Ubuntu', value: 'high' }] }] },
    ])
  })
})

describe('a report of Harbor', () => {
  const answer = recorded('harbor')
  const [newest, oldest] = harborReportTypes
  const bare: unknown = new Map(Object.entries(answer)).get(newest)
  test.each<readonly [string, unknown]>([
    ['under the type of 1.1', answer],
    ['under the type of 1.0', { [oldest]: bare }],
    ['under both, of which the newer counts', { [oldest]: { vulnerabilities: [] }, [newest]: bare }],
    ['alone', bare],
  ])('is read %s', (_, value) => {
    const { about, reported, program, written } = parseReport(value, 'harbor.json')
    expect([about.digests, reported.length, program, written]).toEqual([
      ['sha256:abd678f427d6a1890558e36b2936a2c771313d68a4f85418a709d83e416f29fd'],
      5,
      'harbor LabScan 1.2.3',
      '2026-11-21T16:24:01.758Z',
    ])
    expect(reported[0]).toMatchObject({
      package: { name: 'openssl', version: '3.0.1' },
      claims: [{ severities: [{ type: 'severity', value: 'Critical' }, { type: 'CVSS_V3' }] }],
    })
  })
  it('is none yet while Harbor answers {}', () => {
    expect(() => parseReport({}, 'harbor.json')).toThrow('Harbor answers so while an image has no report')
  })
})

describe('what is no report', () => {
  test.each<readonly [string, unknown, string, string]>([
    ['SARIF', { version: '2.1.0', runs: [] }, 'SW-SCAN-REPORT-UNKNOWN', 'SARIF, which names no package'],
    ['CycloneDX', { bomFormat: 'CycloneDX' }, 'SW-SCAN-REPORT-UNKNOWN', 'no findings'],
    ['anything else', { a: 1, b: 2 }, 'SW-SCAN-REPORT-UNKNOWN', 'has "a", "b", expected the JSON of trivy, grype'],
    ['an older trivy', { SchemaVersion: 1, Results: [] }, 'SW-SCAN-REPORT-UNKNOWN', 'of schema 1, expected 2'],
    ['a newer report of ours', { schemaVersion: '2.0', verdict: 'pass', findings: [] }, 'SW-SCAN-REPORT-UNKNOWN', 'expected 1.x'],
    ['a list', [], 'SW-SCAN-REPORT-INVALID', 'no object'],
    [
      'a vulnerability without a name',
      { SchemaVersion: 2, Results: [{ Vulnerabilities: [{ PkgName: 'a' }] }] },
      'SW-SCAN-REPORT-INVALID',
      'Results.0.Vulnerabilities.0.VulnerabilityID',
    ],
    ['matches that are none', { matches: { 0: {} }, descriptor: {} }, 'SW-SCAN-REPORT-INVALID', 'matches'],
  ])('%s is told from it', (_, value, code, message) => {
    expect(() => parseReport(value, 'x.json')).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  test.each<readonly [string, string | Buffer, string]>([
    ['200,000 deep', `{"matches":${'['.repeat(200_000)}${']'.repeat(200_000)},"descriptor":{}}`, 'more than 100 deep'],
    ['200,000 deep and cut', '{"a":'.repeat(200_000), 'more than 100 deep'],
    ['cut', '{"matches":[', 'not JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not JSON'],
    ['deep only in a text, and cut', `{"a":"${'['.repeat(500)}`, 'not JSON'],
  ])('a file that is %s is an error of the report', async (_, text, message) => {
    await expect(readReport(file(text), 'x.json')).rejects.toMatchObject({
      code: 'SW-SCAN-REPORT-INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('names of properties that all objects have do no harm', async () => {
    const text = '{"matches":[],"descriptor":{},"__proto__":{"results":[]},"constructor":{"a":1}}'
    expect((await readReport(file(text))).source).toBe('grype')
  })
})
