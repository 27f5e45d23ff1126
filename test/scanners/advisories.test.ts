/** What advisories mean, beside osv-scanner on the same files. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readDatabase } from '../../src/domain/advisories/database.ts'
import { coordinatesOf } from '../../src/domain/advisories/ecosystem.ts'
import { findIn } from '../../src/domain/findings/find.ts'
import { inventoryOfSbom } from '../../src/domain/sbom/read/inventory-of.ts'
import { parseSbom } from '../../src/domain/sbom/read/read-sbom.ts'
import { temporaryFolder } from '../../src/io/fixtures/folder.ts'
import { zipOf } from '../../src/io/fixtures/zip.ts'
import { end } from '../real/program.ts'

const folder = temporaryFolder()

/** Ecosystems of osv-scanner, the package URL of a version, and versions that its advisories and packages have. */
const ecosystems = {
  npm: [(v: string) => `pkg:npm/alpha@${v}`, 'alpha', ['1.0.0-rc.1', '1.0.0', '1.2.3', '1.10.0', '2.0.0-beta.2', '2.0.0']],
  PyPI: [(v: string) => `pkg:pypi/alpha@${v}`, 'alpha', ['1.0rc1', '1.0', '1.0.post1', '1.2.dev3', '1.10', '2!0.1']],
  Go: [
    (v: string) => `pkg:golang/example.com/alpha@v${v}`,
    'example.com/alpha',
    ['0.0.0-20200101000000-abcdefabcdef', '1.0.0', '1.2.0', '1.10.0', '2.0.0'],
  ],
  Maven: [
    (v: string) => `pkg:maven/org.alpha/alpha@${v}`,
    'org.alpha:alpha',
    ['1.0-alpha-1', '1.0-SNAPSHOT', '1.0', '1.0-sp1', '1.0.1', '1.10', '2-1'],
  ],
  'crates.io': [(v: string) => `pkg:cargo/alpha@${v}`, 'alpha', ['0.1.0', '0.2.0-rc.1', '0.2.0', '1.0.0']],
  RubyGems: [(v: string) => `pkg:gem/alpha@${v}`, 'alpha', ['1.0.a', '1.0.rc1', '1.0', '1.2.1', '1.10']],
  NuGet: [(v: string) => `pkg:nuget/Alpha@${v}`, 'Alpha', ['1.0.0-beta.2', '1.0.0', '1.0.0.1', '1.10.0', '2.0.0-RC']],
  Packagist: [(v: string) => `pkg:composer/a/alpha@${v}`, 'a/alpha', ['1.0.0-alpha1', '1.0.0-RC1', '1.0.0', '1.2.0', '1.10.0', '2.0.0']],
  'Debian:12': [
    (v: string) => `pkg:deb/debian/alpha@${encodeURIComponent(v)}?arch=amd64&distro=debian-12`,
    'alpha',
    ['1.0~rc1-1', '1.0-1', '1.0-1+deb12u1', '1.0-1+deb12u10', '1:0.1-1'],
  ],
  'Alpine:v3.19': [
    (v: string) => `pkg:apk/alpine/alpha@${v}?arch=x86_64&distro=alpine-3.19`,
    'alpha',
    ['1.0_rc1-r0', '1.0-r0', '1.0-r10', '1.0_p1-r0', '1.0.1-r0'],
  ],
} as const

type Entry = (typeof ecosystems)[keyof typeof ecosystems]
const names = Object.keys(ecosystems) as (keyof typeof ecosystems)[]

/** For each pair of versions a range that ends before the later, and one that ends with it. */
function advisoriesOf(ecosystem: string, [, name, versions]: Entry): readonly object[] {
  const ends = versions.flatMap((from, at) =>
    versions.slice(at + 1).flatMap((to) => [
      [{ introduced: from }, { fixed: to }],
      [{ introduced: from }, { last_affected: to }],
    ]),
  )
  const open = versions.flatMap((to) => [[{ introduced: '0' }, { fixed: to }], [{ introduced: to }]])
  return [...ends, ...open].map((events, at) => ({
    ...{ schema_version: '1.7.0', id: `TEST-${ecosystem.replace(/\W/g, '')}-${at}`, modified: '2026-11-20T00:00:00Z' },
    affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
  }))
}

const joined = (...parts: readonly (readonly string[])[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((words) => fc.constantFrom(...words))).map((all) => all.join(''))
const three = ['0.0.1', '0.2.0', '1.0.0', '1.2.3', '1.10.0', '2.0.0', '10.3.1']
const loose = ['0.1', '1', '1.0', '1.0.0', '1.2', '1.2.3.4', '1.10', '2.0.1', '10', '20240101']

/**
 * Versions of which any two have to stand to one another alike. Left out is where ours follows the ecosystem's own program and theirs does not:
 * Maven since 3.9 takes \`1.0.x\` for \`1.0-x\`; Composer takes \`1\` for \`1.0.0.0\`, and releases after their candidates whatever their length;
 * Gem::Version reads \`1-1\` as \`1.pre.1\`; apk compares \`1.0\` and \`1a\` by the kind of their parts.
 */
const random: { readonly [E in (typeof names)[number]]: fc.Arbitrary<string> } = {
  npm: joined(three, ['', '-a', '-a.1', '-a.b', '-1', '-rc.10', '-rc.2', '-0']),
  PyPI: joined(['', '1!'], loose, ['', 'a1', '.beta2', 'rc1', '-c3'], ['', '.post1', '-2'], ['', '.dev1'], ['', '+ubuntu.1']),
  Go: joined(three, ['', '-rc.1', '-0.20200101000000-abcdefabcdef', '+incompatible']),
  Maven: joined(loose, ['', '-alpha-1', '-b2', '-rc1', '-SNAPSHOT', '-sp', '-jre', '-Final', '-2']),
  'crates.io': joined(three, ['', '-alpha.1', '-beta', '-rc.2']),
  RubyGems: joined(loose, ['', '.a', '.rc1', '.pre.2', '.beta.10']),
  NuGet: joined(loose.slice(0, -1), ['', '-a', '-A.1', '-1', '-rc.10', '-RC.2']),
  Packagist: joined(three, ['', '-alpha1', '-beta2', '-RC1', '-RC10', '-p1']),
  'Debian:12': joined(
    ['', '1:'],
    loose,
    ['', '~rc1', '+dfsg', '+deb12u1', 'z'],
    ['', '-0', '-1', '-1~bpo12', '-2+b1', '-0ubuntu0.22.04.1'],
  ),
  'Alpine:v3.19': joined(three, ['', 'a', 'b'], ['', '_alpha', '_beta2', '_rc10', '_p', '_git3'], ['-r0', '-r1', '-r12']),
}

/** A range that ends before each version. */
function endingAt(ecosystem: string, name: string, versions: readonly string[]): readonly object[] {
  return versions.map((fixed, at) => ({
    ...{ schema_version: '1.7.0', id: `RANDOM-${at}`, modified: '2026-11-20T00:00:00Z' },
    affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] }],
  }))
}

describe('advisories beside osv-scanner', () => {
  it.each(names)('%s: each of them means the same versions', async (ecosystem) => {
    const [, , versions] = ecosystems[ecosystem]
    const { found, sbom, database } = await scene(ecosystem, versions, advisoriesOf(ecosystem, ecosystems[ecosystem]))
    expect(found.length).toBeGreaterThan(versions.length)
    expect(await ours(sbom, database)).toEqual(found)
  })

  it.each(names)('%s: each of 50 random versions is before the same others', async (ecosystem) => {
    const [, name] = ecosystems[ecosystem]
    const versions = [...new Set(fc.sample(random[ecosystem], { numRuns: 50, seed: 3 }))]
    const { found, sbom, database } = await scene(ecosystem, versions, endingAt(ecosystem, name, versions))
    expect(found.length).toBeGreaterThan(versions.length * 3)
    expect(await ours(sbom, database)).toEqual(found)
  })
})

/** An SBOM with these versions, a database with these records, and what osv-scanner finds. */
async function scene(
  ecosystem: (typeof names)[number],
  versions: readonly string[],
  records: readonly object[],
): Promise<{ readonly found: readonly string[]; readonly sbom: object; readonly database: string }> {
  const [purlOf] = ecosystems[ecosystem]
  const home = mkdtempSync(join(folder, 'home-'))
  const database = join(home, 'osv-scanner')
  const [archive = ''] = ecosystem.split(':')
  mkdirSync(join(database, archive), { recursive: true })
  const files = records.map((record, at) => ({ path: `${at}.json`, text: JSON.stringify(record), method: 8 }))
  writeFileSync(join(database, archive, 'all.zip'), zipOf(files))
  const components = versions.map((version) => ({ type: 'library', name: 'alpha', version, purl: purlOf(version) }))
  const sbom = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components }
  writeFileSync(join(home, 'bom.cdx.json'), JSON.stringify(sbom))
  return { found: await theirs(home), sbom, database }
}

async function ours(sbom: object, database: string): Promise<readonly string[]> {
  const inventory = inventoryOfSbom(parseSbom(JSON.stringify(sbom), 'sbom'))
  const asked = inventory.packages.map(coordinatesOf).filter((one) => typeof one !== 'string')
  const answers = await readDatabase(database, asked, new AbortController().signal)
  const subject = { digest: answers.digest, platform: 'linux/amd64' }
  const { findings, unscanned } = findIn({ subject, inventory }, answers)
  return [
    ...findings.map(({ id, package: { version }, state }) => `${version} ${id}${state === 'affected' ? '' : ' undetermined'}`),
    ...unscanned.map(({ what, why }) => `${what} ${why}`),
  ].sort()
}

interface Results {
  readonly results: readonly {
    readonly packages: readonly {
      readonly package: { readonly version: string }
      readonly vulnerabilities?: readonly { readonly id: string }[]
    }[]
  }[]
}

async function theirs(home: string): Promise<readonly string[]> {
  const env = { ...process.env, OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: home }
  const { stdout, stderr } = await end(
    ['osv-scanner', 'scan', 'source', '--offline', '--format=json', '--all-packages', '-L', join(home, 'bom.cdx.json')],
    { env },
  )
  if (stdout === '') throw new Error(stderr)
  const { results } = JSON.parse(stdout) as Results
  return results
    .flatMap(({ packages }) =>
      packages.flatMap(({ package: { version }, vulnerabilities = [] }) => vulnerabilities.map(({ id }) => `${version} ${id}`)),
    )
    .sort()
}
