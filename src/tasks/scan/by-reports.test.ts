import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { TaskError } from '../../base/errors.ts'
import type { LayerFiles } from '../../domain/packages/image.fake.ts'
import { imageOf } from '../../domain/packages/image.fake.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { advisory, npm, type Scanned, scan } from './scene.fake.ts'

const folder = temporaryFolder()
const layers: readonly LayerFiles[] = [npm(['lodash', '4.17.20'])]
const { image } = await imageOf(mkdtempSync(join(folder, 'layout-')), layers)
const { digest } = image.descriptor

const vulnerability = {
  ...{ VulnerabilityID: 'CVE-2021-23337', PkgName: 'lodash', InstalledVersion: '4.17.20', FixedVersion: '4.17.21', Severity: 'HIGH' },
  PkgIdentifier: { PURL: 'pkg:npm/lodash@4.17.20' },
}
const trivy = (metadata: object = { RepoDigests: [`registry.example.com/app@${digest}`] }, ...found: readonly object[]): string =>
  JSON.stringify({
    ...{ SchemaVersion: 2, CreatedAt: '2026-11-21T12:00:00Z', ArtifactName: 'app', Metadata: metadata },
    Results: [{ Target: 'Node.js', Class: 'lang-pkgs', Vulnerabilities: found.length === 0 ? [vulnerability] : found }],
  })
const grype = (built: string): string =>
  JSON.stringify({
    matches: [
      {
        vulnerability: { id: 'GHSA-35jh-r3h4-6jhm', severity: 'Critical', fix: { versions: ['4.17.21'], state: 'fixed' } },
        relatedVulnerabilities: [{ id: 'CVE-2021-23337' }],
        artifact: { name: 'lodash', version: '4.17.20', purl: 'pkg:npm/lodash@4.17.20' },
      },
    ],
    source: { type: 'image', target: { manifestDigest: digest } },
    descriptor: { name: 'grype', version: '0.103.0', db: { status: { built } } },
  })

interface Report {
  readonly databaseDate: string
  readonly sources: readonly { readonly source: string; readonly modified: string }[]
  readonly findings: readonly {
    readonly id: string
    readonly level: string
    readonly purl: string
    readonly claims: readonly { readonly source: string }[]
  }[]
}
const reportOf = ({ files }: Scanned): Report => JSON.parse(files?.get('report') ?? '{}') as Report
const codeOf = ({ failure }: Scanned): unknown => (failure instanceof TaskError ? [failure.code, failure.exit] : failure)
const only = { database: '', reports: 'trivy.json' }

describe('reports of other scanners', () => {
  it('need no database, and the gate refuses by them', async () => {
    const seen = await scan({ layers, advisories: [], inputs: only, files: { 'trivy.json': trivy() } })
    expect([codeOf(seen), seen.failure]).toEqual([
      ['SW-SCAN-REFUSED', 3],
      expect.objectContaining({ message: expect.stringContaining('1 high') }),
    ])
    expect(reportOf(seen)).toMatchObject({
      databaseDate: '2026-11-21T12:00:00Z',
      sources: [{ source: 'trivy', modified: '2026-11-21T12:00:00Z', program: 'trivy', file: 'trivy.json' }],
    })
  })

  it('are one finding with the advisories, the worst of all, and every claim is kept', async () => {
    const seen = await scan({
      layers,
      advisories: [advisory('GHSA-35jh-r3h4-6jhm', 'lodash', '4.17.21', { severity: [], database_specific: { severity: 'MODERATE' } })],
      inputs: { reports: 'trivy.json\ngrype.json' },
      files: { 'trivy.json': trivy(), 'grype.json': grype('2026-11-21T00:00:00Z') },
    })
    expect(reportOf(seen).findings).toEqual([
      expect.objectContaining({
        id: 'CVE-2021-23337',
        aliases: ['GHSA-35jh-r3h4-6jhm'],
        level: 'critical',
        purl: 'pkg:npm/lodash@4.17.20',
      }),
    ])
    expect(reportOf(seen).findings[0]?.claims.map(({ source }) => source)).toEqual(['osv', 'trivy', 'grype'])
  })

  it('tell how old they are, and the oldest source is what the gate looks at', async () => {
    const seen = await scan({
      layers,
      advisories: [],
      inputs: { ...only, reports: 'trivy.json\ngrype.json', 'fail-on': 'none' },
      files: { 'trivy.json': trivy(), 'grype.json': grype('2026-10-01T00:00:00Z') },
    })
    expect([codeOf(seen), seen.failure]).toEqual([
      ['SW-SCAN-REFUSED', 3],
      expect.objectContaining({ message: expect.stringContaining('2026-10-01T00:00:00Z') }),
    ])
  })

  it('that do not say how old they are do not pass alone', async () => {
    const report = JSON.stringify({ results: [], experimental_config: {} })
    const seen = await scan({
      layers,
      advisories: [],
      inputs: { ...only, reports: 'osv.json', 'report-subject': 'assumed' },
      files: { 'osv.json': report },
    })
    expect([codeOf(seen), seen.failure]).toEqual([
      ['SW-SCAN-REFUSED', 3],
      expect.objectContaining({ message: expect.stringContaining('age of the database is not known') }),
    ])
  })

  it('of trivy that have no vulnerability do not say whether any was looked for, and the log says so', async () => {
    const text = JSON.stringify({ ...(JSON.parse(trivy()) as object), Results: [{ Class: 'lang-pkgs' }] })
    const seen = await scan({ layers, advisories: [], inputs: only, files: { 'trivy.json': text } })
    expect(seen.failure).toBeUndefined()
    expect(seen.recorded.lines).toContainEqual(expect.stringMatching(/^warn a report of trivy has no vulnerability/))
  })

  it('may be of another scan of ours, with all its claims', async () => {
    const first = await scan({ layers, advisories: [], inputs: only, files: { 'trivy.json': trivy() } })
    const second = await scan({
      layers,
      advisories: [],
      inputs: { ...only, reports: 'scan.json' },
      files: { 'scan.json': first.files?.get('report') ?? '' },
    })
    expect(reportOf(second).findings).toEqual(reportOf(first).findings)
  })

  test.each<readonly [string, Readonly<Record<string, string>>, string, string]>([
    ['of another image', {}, trivy({ ImageID: `sha256:${'e'.repeat(64)}` }), 'SW-SCAN-REPORT-SUBJECT'],
    ['that names no image', {}, trivy({}), 'SW-SCAN-REPORT-SUBJECT'],
    [
      'of another image, although one may be assumed',
      { 'report-subject': 'assumed' },
      trivy({ ImageID: `sha256:${'e'.repeat(64)}` }),
      'SW-SCAN-REPORT-SUBJECT',
    ],
    ['that is SARIF', {}, '{"version":"2.1.0","runs":[]}', 'SW-SCAN-REPORT-UNKNOWN'],
    ['with a name that is none', {}, trivy(undefined, { ...vulnerability, PkgName: 'a'.repeat(5000) }), 'SW-SCAN-REPORT-INVALID'],
    ['that is cut', {}, trivy().slice(0, 80), 'SW-SCAN-REPORT-INVALID'],
    ['that is 200,000 deep', {}, `{"SchemaVersion":2,"Results":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'SW-SCAN-REPORT-INVALID'],
    ['that is not there', { reports: 'none.json' }, '', 'SW-FILE-MISSING'],
    ['with a source that nobody knows', { source: 'trivvy' }, trivy(), 'SW-INPUT-INVALID'],
    ['with advisories that are not given', { source: 'osv' }, trivy(), 'SW-SCAN-NO-DATABASE'],
  ])('%s end the scan with a code', async (_, inputs, text, code) => {
    const seen = await scan({ layers, advisories: [], inputs: { ...only, ...inputs }, files: { 'trivy.json': text } })
    expect([codeOf(seen), seen.files]).toEqual([[code, 2], undefined])
  })
})

/** What a package or an advisory may be called by somebody who means harm. */
const evils = [
  '::error::owned',
  '\r\n::set-output name=x::owned\r\n',
  '\n##[add-matcher]/tmp/owned\n',
  '\u001b[2J\u001b]0;owned\u0007',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '[owned](javascript:alert(1))',
  '![owned](https://owned.example.com/p.png)',
  '`</code></td></table><h1>owned',
  '| owned | owned |\n|---|---|',
  '\u202eowned\u2066',
  `\${{ github.token }} $(touch owned)`,
  'owned'.repeat(80),
]

describe('what comes from reports', () => {
  const text = trivy(
    undefined,
    ...evils.map((evil, at) => ({
      ...{ VulnerabilityID: `CVE-${at} ${evil}`, VendorIDs: [`GHSA-${evil}`], PkgName: `p${at} ${evil}`, PkgPath: `a/${evil}` },
      ...{ InstalledVersion: `1${evil}`, FixedVersion: `2${evil}`, Status: evil, Severity: evil, Title: evil },
      PkgIdentifier: { PURL: `pkg:npm/p${at}@1?x=${evil}` },
      CVSS: { [evil.slice(0, 100)]: { V3Vector: evil } },
      PublishedDate: evil,
    })),
  )
  const others = { 'a\r\n::error::b.json': grype('\r\n::error::owned').replaceAll('0.103.0', '\\r\\n::error::owned') }

  it('reaches neither the runner as a command, nor a page as markup, and is bounded', async () => {
    const workspace = mkdtempSync(join(folder, 'workspace-'))
    await imageOf(join(workspace, 'layout'), layers)
    for (const [path, content] of Object.entries({ 'trivy.json': text, ...others, summary: '', output: '' })) {
      mkdirSync(dirname(join(workspace, path)), { recursive: true })
      writeFileSync(join(workspace, path), content)
    }
    const inputs = { layout: 'layout', digest, reports: JSON.stringify(['trivy.json', ...Object.keys(others)]) }
    const { stdout, code } = await onGithub(
      workspace,
      Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]),
    )
    expect(code).toBe(3)
    const lines = stdout.split(/\r|\n/)
    expect(
      lines
        .filter((line) => /^\s*::/.test(line))
        .filter((line) => !/^::(?:error title=|warning title=|group::|endgroup::|add-mask::)/.test(line)),
    ).toEqual([])
    expect(lines.filter((line) => /^\s*::error/.test(line) && !line.includes('SW-SCAN-REFUSED'))).toEqual([])
    expect(stdout).not.toMatch(/##\[|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u202a-\u202e\u2066-\u2069]|\u001b\]/)
    expect(stdout.length).toBeLessThan(60_000)
    const summary = readFileSync(join(workspace, 'summary'), 'utf8')
    expect(summary).toContain('owned')
    expect(summary).not.toMatch(/<(?:img|script|h1)|(?<!\\)\]\(/)
    const sarif = readFileSync(join(workspace, '.slipway/outputs/scan/sarif'), 'utf8')
    expect(sarif).toContain('owned')
    expect(sarif).not.toMatch(/<|\]\(/)
    expect(JSON.parse(sarif)).toHaveProperty('runs')
  })
})

/** The real command as a step of GitHub Actions. */
function onGithub(cwd: string, argv: readonly string[]): Promise<{ readonly stdout: string; readonly code: unknown }> {
  const entry = join(import.meta.dirname, '../../cli/fixtures/slipway.ts')
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', SLIPWAY_HOST: 'github', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: cwd },
    ...{ GITHUB_STEP_SUMMARY: join(cwd, 'summary'), GITHUB_OUTPUT: join(cwd, 'output') },
  }
  return new Promise((resolve) =>
    execFile(process.execPath, [entry, 'scan', ...argv], { cwd, env, maxBuffer: 2 ** 27 }, (error, stdout) =>
      resolve({ stdout, code: error?.code ?? 0 }),
    ),
  )
}
