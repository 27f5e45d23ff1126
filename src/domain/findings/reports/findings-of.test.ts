import { describe, expect, it, test } from '@jest/globals'
import { mergeFindings } from '../merge.ts'
import { findingsOfReports } from './findings-of.ts'
import { parseReport } from './read-report.ts'
import { digestOf, layers, manifest, recorded, target } from './scene.fake.ts'
import type { Subjects } from './subjects.ts'

const subjects = (given: Partial<Subjects> = {}): Subjects => ({
  root: manifest,
  targets: [target()],
  mayAssume: false,
  coverAll: false,
  ...given,
})
const named = (...values: readonly unknown[]): Parameters<typeof findingsOfReports>[0] =>
  values.map((value, at) => ({ report: parseReport(value, `${at}.json`), where: `${at}.json` }))
const harbor = (...vulnerabilities: readonly object[]): object => ({ generated_at: '2026-11-21T00:00:00Z', scanner: {}, vulnerabilities })
const trivy = (metadata: object, ...vulnerabilities: readonly object[]): object => ({
  ...{ SchemaVersion: 2, ArtifactName: 'x', Metadata: metadata },
  Results: [{ Class: 'os-pkgs', Vulnerabilities: vulnerabilities }, { Class: 'lang-pkgs' }],
})

describe('reports of several scanners about one image', () => {
  const found = mergeFindings(
    findingsOfReports(
      named(
        recorded('trivy'),
        recorded('grype'),
        recorded('osv-scanner'),
        harbor({
          ...{ id: 'CVE-2024-0002', package: 'libssl3', version: '3.0.11-1~deb12u2', severity: 'Medium' },
          artifact_digests: [manifest],
        }),
      ),
      subjects(),
    ).findings,
  )

  it('are one finding of each vulnerability of each package: golden', () => {
    expect(
      found.map(({ id, aliases, level, purl, fixed, claims }) => [id, aliases, level, purl, fixed, claims.map(({ source }) => source)]),
    ).toEqual([
      ['CVE-2021-23337', ['GHSA-35jh-r3h4-6jhm'], 'high', 'pkg:npm/lodash@4.17.20', ['4.17.21'], ['trivy', 'grype']],
      [
        'CVE-2024-0001',
        ['DEBIAN-CVE-2024-0001'],
        'medium',
        'pkg:deb/debian/libssl3@3.0.11-1~deb12u2',
        ['3.0.13-1~deb12u1'],
        ['trivy', 'grype', 'osv-scanner'],
      ],
      ['CVE-2024-0002', [], 'medium', 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2', [], ['trivy', 'grype', 'harbor']],
      ['CVE-2024-0003', [], 'low', 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u3', ['2.36-9+deb12u4'], ['trivy']],
    ])
  })

  it('keep what each scanner says of a fix that will not come', () => {
    expect(found.find(({ id }) => id === 'CVE-2024-0002')?.claims.map(({ status }) => status)).toEqual([
      'will_not_fix',
      'wont-fix',
      undefined,
    ])
  })

  it('tell the layer that brought the package, once', () => {
    expect(found.map(({ locations }) => locations.length)).toEqual([1, 1, 1, 1])
    expect(found[0]?.locations).toEqual([{ path: 'app/node_modules/lodash/package.json', layer: [...layers.values()][1] }])
  })
})

describe('the package that a report means', () => {
  const one = (name: string, version: string, purl?: string): object =>
    trivy(
      { RepoDigests: [`r@${manifest}`] },
      {
        VulnerabilityID: 'CVE-1',
        PkgName: name,
        InstalledVersion: version,
        Severity: 'LOW',
        ...(purl === undefined ? {} : { PkgIdentifier: { PURL: purl } }),
      },
    )
  const go = 'pkg:golang/github.com/acme/tool@v1.2.0'
  const [module, root] = ['pkg:golang/github.com/aws/sdk/service/s3@v1.2.0', 'pkg:golang/github.com/aws/sdk@v1.2.0']
  const inventory: ReturnType<typeof target>['inventory'] = {
    packages: [
      { type: 'deb', name: 'zlib1g', version: '1:1.2.13', purl: 'pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64', licenses: [], locations: [] },
      { type: 'rpm', name: 'openssl', version: '1:3.0.7', purl: 'pkg:rpm/redhat/openssl@3.0.7?epoch=1', licenses: [], locations: [] },
      { type: 'golang', namespace: 'github.com/Acme', name: 'tool', version: 'v1.2.0', purl: go, licenses: [], locations: [] },
      {
        type: 'maven',
        namespace: 'org.acme',
        name: 'lib',
        version: '1.0',
        purl: 'pkg:maven/org.acme/lib@1.0',
        licenses: [],
        locations: [],
      },
      { type: 'npm', namespace: '@acme', name: 'lib', version: '2.0.0', purl: 'pkg:npm/%40acme/lib@2.0.0', licenses: [], locations: [] },
      { type: 'golang', namespace: 'github.com/aws/sdk/service', name: 's3', version: 'v1.2.0', purl: module, licenses: [], locations: [] },
      { type: 'golang', namespace: 'github.com/aws', name: 'sdk', version: 'v1.2.0', purl: root, licenses: [], locations: [] },
      { type: 'pypi', name: 'Jinja_2', version: '3.0', purl: 'pkg:pypi/jinja-2@3.0', licenses: [], locations: [] },
    ],
    unscannable: [],
  }
  test.each<readonly [string, object, string]>([
    [
      'of dpkg, with the epoch as a qualifier',
      one('zlib1g', '1:1.2.13', 'pkg:deb/debian/zlib1g@1.2.13?epoch=1'),
      'pkg:deb/debian/zlib1g@1:1.2.13',
    ],
    ['of dpkg, of another vendor', one('zlib1g', '1:1.2.13', 'pkg:deb/ubuntu/zlib1g@1%3A1.2.13'), 'pkg:deb/debian/zlib1g@1:1.2.13'],
    ['of rpm, with the epoch in the version', one('openssl', '1:3.0.7', 'pkg:rpm/rhel/openssl@1:3.0.7'), 'pkg:rpm/redhat/openssl@3.0.7'],
    ['of rpm, by name', one('openssl', '1:3.0.7'), 'pkg:rpm/redhat/openssl@3.0.7'],
    ['of Go, in other case and without v', one('github.com/acme/tool', '1.2.0', 'pkg:golang/github.com/acme/tool@1.2.0'), go],
    ['of Go, with its path in the repository apart', one('x', 'v1.2.0', 'pkg:golang/github.com/aws/sdk@v1.2.0#service/s3'), module],
    ['of Go, in the root of the repository', one('x', 'v1.2.0', 'pkg:golang/github.com/aws/sdk@v1.2.0'), root],
    ['of PyPI, by name, spelled otherwise', one('Jinja.2', '3.0'), 'pkg:pypi/jinja-2@3.0'],
    ['of Maven, by name', one('org.acme:lib', '1.0'), 'pkg:maven/org.acme/lib@1.0'],
    ['of npm, by name', one('@acme/lib', '2.0.0'), 'pkg:npm/%40acme/lib@2.0.0'],
    ['of PyPI, spelled otherwise', one('jinja.2', '3.0', 'pkg:pypi/jinja.2@3.0'), 'pkg:pypi/jinja-2@3.0'],
    ['that the image is not known to hold', one('left', '9', 'pkg:npm/left@9?x=y'), 'pkg:npm/left@9'],
    ['that nobody can place', one('mystery', '9'), 'pkg:generic/mystery@9'],
    ['of another version', one('org.acme:lib', '1.1'), 'pkg:generic/org.acme:lib@1.1'],
  ])('is found %s', (_, report, purl) => {
    const { findings } = findingsOfReports(named(report), subjects({ targets: [target({ inventory })] }))
    expect(findings.map((finding) => finding.purl)).toEqual([purl])
  })

  it('is the same for a scanner that names it and one that gives its package URL, without an inventory', () => {
    const empty = target({ inventory: { packages: [], unscannable: [] } })
    const said = { id: 'CVE-1', package: 'left', version: '9', severity: 'High', artifact_digests: [manifest] }
    const { findings } = findingsOfReports(named(harbor(said), one('left', '9', 'pkg:npm/left@9')), subjects({ targets: [empty] }))
    expect(mergeFindings(findings).map(({ purl, level, claims }) => [purl, level, claims.length])).toEqual([['pkg:npm/left@9', 'high', 2]])
  })
})

describe('what a report is about', () => {
  const [a, b, index] = [digestOf('aa'), digestOf('bb'), digestOf('cc')]
  const { config: _, layers: __, ...bare } = target()
  const platforms = [
    { ...bare, subject: { digest: a, platform: 'linux/amd64' } },
    { ...bare, subject: { digest: b, platform: 'linux/arm64' } },
  ]
  const vulnerability = { VulnerabilityID: 'CVE-1', PkgName: 'a', InstalledVersion: '1' }
  const about = (report: object, more: Partial<Subjects> = {}): unknown =>
    findingsOfReports(named(report), subjects({ root: index, targets: platforms, ...more })).findings.map(({ subject }) => subject.platform)

  test.each<readonly [string, object, readonly string[]]>([
    ['the digest of one platform', { RepoDigests: [`r@${b}`] }, ['linux/arm64']],
    ['the index, for one platform', { RepoDigests: [`r@${index}`], ImageConfig: { os: 'linux', architecture: 'arm64' } }, ['linux/arm64']],
    [
      'the index, for one platform with its variant',
      { RepoDigests: [`r@${index}`], ImageConfig: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      ['linux/arm64'],
    ],
    ['the index', { RepoDigests: [`r@${index}`] }, ['linux/amd64', 'linux/arm64']],
    ['several repositories, of which one is meant', { RepoDigests: [`q@${digestOf('dd')}`, `r@${a}`] }, ['linux/amd64']],
  ])('is told by %s', (_, metadata, expected) => {
    expect(about(trivy(metadata, vulnerability))).toEqual(expected)
  })

  it('is told by all layers, where the identity of the image is another', () => {
    const withLayers = target({ config: digestOf('dd') })
    const report = trivy({ ImageID: digestOf('ee'), DiffIDs: [...layers.keys()] }, vulnerability)
    expect(findingsOfReports(named(report), subjects({ targets: [withLayers] })).findings).toHaveLength(1)
    const other = trivy({ DiffIDs: [...layers.keys()].toReversed() }, vulnerability)
    expect(() => findingsOfReports(named(other), subjects({ targets: [withLayers] }))).toThrow('an image of 2 other layers')
  })

  test.each<readonly [string, object, string]>([
    ['another image', trivy({ RepoDigests: [`r@${digestOf('dd')}`], ImageID: digestOf('ee') }), 'is about sha256:dd'],
    ['a report of Harbor on another image', recorded('harbor'), 'is about sha256:abd678'],
    [
      'a platform that the index has not',
      trivy({ RepoDigests: [`r@${index}`], ImageConfig: { os: 'linux', architecture: 's390x' } }),
      'on linux/s390x, expected',
    ],
    ['nothing', trivy({}), 'does not say which image'],
    ['a report of Harbor without any vulnerability', harbor(), 'does not say which image'],
  ])('%s is refused', (_, report, message) => {
    expect(() => about(report)).toThrow(
      expect.objectContaining({ code: 'SW-SCAN-REPORT-SUBJECT', message: expect.stringContaining(message) }),
    )
  })

  it('leaves a platform unscanned that no report is about, where nobody else is asked', () => {
    const report = named(trivy({ RepoDigests: [`r@${b}`] }, vulnerability))
    const missed = (coverAll: boolean): unknown =>
      findingsOfReports(report, subjects({ root: index, targets: platforms, coverAll })).unscanned.map(({ what, why }) => [what, why])
    expect([missed(true), missed(false)]).toEqual([[['linux/amd64', 'no report is about this platform']], []])
  })

  it('may be assumed where it is not said, but not where another image is', () => {
    expect(about(trivy({}, vulnerability), { mayAssume: true })).toEqual(['linux/amd64', 'linux/arm64'])
    expect(() => about(recorded('harbor'), { mayAssume: true })).toThrow('is about sha256:abd678')
  })

  it('may be another for each vulnerability, in a report of Harbor on an index', () => {
    const said = (id: string, digest: string): object => ({ id, package: 'a', version: '1', severity: 'Low', artifact_digests: [digest] })
    const { findings } = findingsOfReports(
      named(harbor(said('CVE-A', a), said('CVE-B', b), said('CVE-I', index))),
      subjects({ root: index, targets: platforms }),
    )
    expect(findings.map(({ id, subject }) => [id, subject.platform])).toEqual([
      ['CVE-A', 'linux/amd64'],
      ['CVE-I', 'linux/amd64'],
      ['CVE-B', 'linux/arm64'],
      ['CVE-I', 'linux/arm64'],
    ])
  })
})

describe('what a scanner did not look up is unscanned', () => {
  const of = (...classes: readonly string[]): object => ({
    ...{ SchemaVersion: 2, ArtifactName: 'x', Metadata: { RepoDigests: [`r@${manifest}`] } },
    Results: classes.map((Class) => ({ Class })),
  })
  const grype = (distro?: object): object => ({
    ...{ matches: [], distro, descriptor: {}, source: { type: 'image', target: { manifestDigest: manifest } } },
  })
  test.each<readonly [string, object, readonly string[]]>([
    ['trivy, which knows the system', of('os-pkgs', 'lang-pkgs'), []],
    ['trivy, on a system that it does not know', of('lang-pkgs'), ['2 packages of the system']],
    ['trivy, which looked for secrets alone', of('secret'), ['2 packages of the system', '1 package of languages']],
    ['grype, which knows the system', grype({ name: 'debian' }), []],
    ['grype, on a system that it does not know', grype({ name: '' }), ['2 packages of the system']],
    ['grype, which does not say which system it saw', grype(), ['2 packages of the system']],
  ])('%s', (_, report, what) => {
    expect(findingsOfReports(named(report), subjects()).unscanned.map((one) => one.what)).toEqual(what)
  })

  test.each<readonly [string, object, readonly string[]]>([
    ['trivy, which looked for secrets alone', of('secret'), ['as reported']],
    ['trivy, which knows the system', of('os-pkgs'), []],
  ])('of an image whose packages are not known: %s', (_, report, what) => {
    const { layers: _layers, config: _config, ...bare } = target()
    const unknown = { ...bare, subject: { digest: manifest, platform: 'as reported' }, inventory: { packages: [], unscannable: [] } }
    expect(findingsOfReports(named(report), subjects({ targets: [unknown] })).unscanned.map((one) => one.what)).toEqual(what)
  })
})
