/** The task `scan` with the real trivy and grype, on databases that hold the same few advisories, for each platform of an index. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Digest, sha256 } from '../../src/base/digest.ts'
import { Redactor } from '../../src/base/redact.ts'
import { addEntry, createLayout } from '../../src/domain/oci/layout.ts'
import { writeBlob, writeManifest } from '../../src/domain/oci/layout-blobs.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { type LayerFiles, packLayer } from '../../src/domain/packages/image.fake.ts'
import { createProcesses } from '../../src/io/process.ts'
import { execute, type Outcome } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/scan/run.ts'
import { task } from '../../src/tasks/scan/task.ts'
import { fakePorts, type Recorded } from '../fakes/ports.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'
import { writeGrypeDatabase, writeTrivyDatabase } from '../real/scanner-databases.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('sources')).path
const pins: Record<string, string> = {}
let index: Digest

const osRelease = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
const openssl = 'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1~deb12u2\n\n'
const system: LayerFiles = { 'etc/os-release': osRelease, 'etc/debian_version': '12.5\n', 'var/lib/dpkg/status': openssl }
const lodash: LayerFiles = { 'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}' }

beforeAll(async () => {
  index = await writeIndex({ amd64: [system, lodash], arm64: [system] })
  await writeGrypeDatabase(join(folder, 'grype'), [
    {
      ID: 'GHSA-35jh-r3h4-6jhm',
      Provider: 'github',
      Ecosystem: 'npm',
      Package: 'lodash',
      Aliases: ['CVE-2021-23337'],
      Severity: 'high',
      Constraint: '<4.17.21',
      Type: 'semver',
      Fixed: '4.17.21',
      State: 'fixed',
    },
    { ID: 'CVE-2021-23337', Provider: 'nvd', Severity: 'high' },
    {
      ID: 'CVE-2024-0002',
      Provider: 'debian',
      Ecosystem: 'deb',
      Package: 'openssl',
      OS: 'debian',
      Major: '12',
      Codename: 'bookworm',
      Severity: 'negligible',
      Type: 'dpkg',
      State: 'wont-fix',
    },
  ])
  const debian = { ID: 'debian', Name: 'Debian Security Tracker' }
  const github = { ID: 'ghsa', Name: 'GitHub Security Advisory npm' }
  await writeTrivyDatabase(
    join(folder, 'trivy'),
    {
      'data-source': { 'debian 12': { '': debian }, 'npm::GitHub Security Advisory npm': { '': github } },
      'debian 12': { openssl: { 'CVE-2024-0002': { '': { Status: 5, Severity: 1 } } } },
      'npm::GitHub Security Advisory npm': {
        lodash: { 'CVE-2021-23337': { '': { PatchedVersions: ['4.17.21'], VulnerableVersions: ['<4.17.21'] } } },
      },
      vulnerability: { 'CVE-2021-23337': { '': { Title: 'Command injection', Severity: 'HIGH', VendorSeverity: { ghsa: 3 } } } },
    },
    new Date(),
  )
  for (const name of ['trivy', 'grype']) pins[name] = sha256(readFileSync((await output(['sh', '-c', `command -v ${name}`])).trim()))
}, 600_000)

afterAll(() => stack.disposeAsync())

it('both are one finding of each vulnerability on each platform, with the claims of both', async () => {
  const { outcome, recorded } = await scan({ source: 'trivy,grype' })
  const report = reportOf(outcome)
  const sorted = report.findings.toSorted((a, b) => `${a.id} ${a.subject.platform}`.localeCompare(`${b.id} ${b.subject.platform}`))
  expect(recorded.lines.filter((line) => line.startsWith('warn'))).toEqual([])
  expect(
    sorted.map(({ id, aliases, purl, subject, level, fixed, claims }) => [
      id,
      aliases,
      purl,
      subject.platform,
      level,
      fixed,
      claims.map(({ source, status }) => [source, status]),
    ]),
  ).toEqual([
    [
      'CVE-2021-23337',
      ['GHSA-35jh-r3h4-6jhm'],
      'pkg:npm/lodash@4.17.20',
      'linux/amd64',
      'high',
      ['4.17.21'],
      [
        ['trivy', undefined],
        ['grype', undefined],
      ],
    ],
    ...['linux/amd64', 'linux/arm64'].map((platform) => [
      ...['CVE-2024-0002', [], 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2', platform, 'low', []],
      [
        ['trivy', 'will_not_fix'],
        ['grype', 'wont-fix'],
      ],
    ]),
  ])
  expect(report.unscanned).toEqual([])
  expect(report.sources).toMatchObject([
    { source: 'trivy', digest: pins['trivy'] },
    { source: 'grype', digest: pins['grype'] },
  ])
  expect(Date.now() - Date.parse(report.databaseDate)).toBeLessThan(3_600_000)
}, 300_000)

it('rules of the user that hide findings are not read', async () => {
  const home = mkdtempSync(join(folder, 'home-'))
  const rules = 'ignore:\n  - vulnerability: GHSA-35jh-r3h4-6jhm\nseverity: [CRITICAL]\n'
  mkdirSync(join(home, '.config', 'grype'), { recursive: true })
  for (const path of ['.grype.yaml', '.config/grype/config.yaml', 'trivy.yaml']) writeFileSync(join(home, path), rules)
  const { outcome } = await scan({ source: 'trivy,grype' }, { ...process.env, HOME: home, TRIVY_SEVERITY: 'CRITICAL' })
  const [lodashes] = reportOf(outcome).findings.filter(({ id }) => id === 'CVE-2021-23337')
  expect(lodashes?.claims.map(({ source }) => source)).toEqual(['trivy', 'grype'])
}, 300_000)

it.each(['trivy', 'grype'])(
  '%s without its database is told so, and how to get it',
  async (name) => {
    const { outcome } = await scan({ source: name, [`${name}-cache`]: mkdtempSync(join(folder, 'empty-')) })
    expect(outcome.failure).toMatchObject({ code: 'SW-SCANNER-DATABASE', exit: 4 })
  },
  300_000,
)

it.each(['trivy', 'grype'])(
  '%s that does not say its version is not started unless its digest is pinned',
  async (name) => {
    const { outcome } = await scan({ source: name, [`${name}-digest`]: '' })
    expect(outcome.failure).toMatchObject({ code: 'SW-SCANNER-UNFIT', hint: `${name}-digest: ${pins[name]}` })
  },
  300_000,
)

interface Report {
  readonly databaseDate: string
  readonly sources: readonly { readonly source: string; readonly digest?: string }[]
  readonly unscanned: readonly unknown[]
  readonly findings: readonly {
    readonly id: string
    readonly aliases: readonly string[]
    readonly purl: string
    readonly level: string
    readonly fixed: readonly string[]
    readonly subject: { readonly platform: string }
    readonly claims: readonly { readonly source: string; readonly status?: string }[]
  }[]
}
const reportOf = ({ files, failure }: Outcome): Report => {
  if (files === undefined) throw failure
  return JSON.parse(files.get('report') ?? '{}') as Report
}

async function scan(
  inputs: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly outcome: Outcome; readonly recorded: Recorded }> {
  const { ports, recorded } = fakePorts()
  const { signal, log, files } = ports
  const process_ = createProcesses({ environment, workspace: files.workspace, signal, log, redactor: new Redactor() })
  const given = {
    ...{ layout: join(folder, 'layout'), digest: index, 'fail-on': 'none' },
    ...{
      'trivy-cache': join(folder, 'trivy'),
      'grype-cache': join(folder, 'grype'),
      'trivy-digest': pins['trivy'] ?? '',
      'grype-digest': pins['grype'] ?? '',
    },
    ...inputs,
  }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(given)), record: emptyRecord, ports: { ...ports, process: process_ } },
  )
  return { outcome, recorded }
}

async function writeIndex(platforms: Readonly<Record<string, readonly LayerFiles[]>>): Promise<Digest> {
  const layout = await createLayout(join(folder, 'layout'))
  const manifests = []
  for (const [architecture, layers] of Object.entries(platforms)) {
    const packed = await Promise.all(layers.map(packLayer))
    const diff_ids = packed.map((bytes) => sha256(gunzipSync(bytes)))
    const config = await writeBlob(layout, JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids } }))
    const blobs = await Promise.all(packed.map((bytes) => writeBlob(layout, bytes)))
    const manifest = await writeManifest(layout, {
      schemaVersion: 2,
      config: { mediaType: mediaTypes.config, ...config },
      layers: blobs.map((blob) => ({ mediaType: mediaTypes.layerGzip, ...blob })),
    })
    manifests.push({ ...manifest, platform: { architecture, os: 'linux' } })
  }
  const root = await writeManifest(layout, { schemaVersion: 2, manifests })
  await addEntry(layout, root)
  return root.digest
}
