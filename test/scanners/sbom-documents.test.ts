/** SBOMs across programs: what we write is read by Syft and Trivy, what they write by us, all of one image and all with the same packages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Digest, sha256 } from '../../src/base/digest.ts'
import { addEntry, createLayout } from '../../src/domain/oci/layout.ts'
import { writeBlob, writeManifest } from '../../src/domain/oci/layout-blobs.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { packLayer } from '../../src/domain/packages/image.fake.ts'
import { barePurl } from '../../src/domain/packages/purl.ts'
import { inventoryOfSbom } from '../../src/domain/sbom/read/inventory-of.ts'
import { parseSbom } from '../../src/domain/sbom/read/read-sbom.ts'
import { execute, type Outcome } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/sbom/run.ts'
import { task } from '../../src/tasks/sbom/task.ts'
import { fakePorts } from '../fakes/ports.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('sbom-documents')).path
const { ports, recorded } = fakePorts()
const { workspace } = ports.files
const environment = { ...process.env, TRIVY_CACHE_DIR: join(folder, 'trivy'), HOME: folder }
let image: { readonly layout: string; readonly digest: Digest }
const expected = [
  'pkg:deb/debian/base-files@12.4%2Bdeb12u11',
  'pkg:deb/debian/libc6@2.36-9%2Bdeb12u10',
  'pkg:deb/debian/libssl3@3.0.16-1~deb12u1',
  'pkg:npm/%40s/b@1.2.3',
  'pkg:npm/app@1.0.0',
  'pkg:pypi/six@1.16.0',
]

beforeAll(async () => {
  const status = [
    ['base-files', '12.4+deb12u11', ''],
    ['libssl3', '3.0.16-1~deb12u1', 'Source: openssl (3.0.16-1)\nDepends: libc6 (>= 2.34)\n'],
    ['libc6', '2.36-9+deb12u10', 'Source: glibc\n'],
  ].map(([name, version, more]) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}\n`)
  const layers = await Promise.all([
    packLayer({
      'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
      'etc/debian_version': '12.11\n',
      'var/lib/dpkg/status': status.join(''),
    }),
    packLayer({
      'app/package.json': '{"name":"app","version":"1.0.0","license":"MIT","dependencies":{"@s/b":"1"}}',
      'app/node_modules/@s/b/package.json': '{"name":"@s/b","version":"1.2.3","license":"(MIT OR Apache-2.0)"}',
      'usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\nLicense: MIT\n',
      'usr/lib/python3/dist-packages/six-1.16.0.dist-info/RECORD': 'six.py,,\n',
    }),
  ])
  image = await writeReal(layers)
}, 300_000)

afterAll(() => stack.disposeAsync())

/** As an image is that scanners take: with the digests of its layers before compression. */
async function writeReal(layers: readonly Buffer[]): Promise<typeof image> {
  const layout = await createLayout(join(folder, 'layout'))
  const descriptors = []
  for (const layer of layers) descriptors.push({ mediaType: mediaTypes.layerGzip, ...(await writeBlob(layout, layer)) })
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => sha256(gunzipSync(layer))) }
  const settings = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-02T03:04:05Z',
    config: {},
    rootfs,
    history: layers.map(() => ({})),
  }
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, JSON.stringify(settings))) }
  const descriptor = await writeManifest(layout, { schemaVersion: 2, config, layers: descriptors })
  await addEntry(layout, descriptor)
  return { layout: layout.folder, digest: descriptor.digest }
}

function sbom(inputs: Readonly<Record<string, string>>): Promise<Outcome> {
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries({ layout: image.layout, digest: image.digest, ...inputs })), record: emptyRecord, ports },
  )
}

const trivy = (...rest: readonly string[]): Promise<string> => output(['trivy', ...rest, '--offline-scan', '--quiet'], { env: environment })

interface TrivyReport {
  readonly Metadata: { readonly OS: object }
  readonly Results: readonly { readonly Packages?: readonly Record<string, unknown>[] }[]
}

describe.each([
  ['cyclonedx-1.6', 'linux-amd64.cdx.json'],
  ['spdx-2.3', 'linux-amd64.spdx.json'],
])('our SBOM in %s', (format, name) => {
  const written = async (): Promise<string> => {
    expect((await sbom({ format })).failure).toBeUndefined()
    return join(workspace, '.slipway/sbom', name)
  }

  it('is read by Trivy: the system, each package, and of Debian the source packages', async () => {
    const text = await trivy('sbom', await written(), '--format', 'json', '--list-all-pkgs', '--scanners', 'license')
    const { Metadata, Results }: TrivyReport = JSON.parse(text)
    expect(Metadata.OS).toMatchObject({ Family: 'debian', Name: '12' })
    const packages = Results.flatMap(({ Packages = [] }) => Packages)
    expect(packages.map((one) => `${one['Name']} ${one['Version']}`).toSorted()).toEqual([
      '@s/b 1.2.3',
      'app 1.0.0',
      'base-files 12.4+deb12u11',
      'libc6 2.36-9+deb12u10',
      'libssl3 3.0.16-1~deb12u1',
      'six 1.16.0',
    ])
    const sources = packages.filter((one) => one['SrcName'] !== undefined)
    expect(sources.map((one) => `${one['SrcName']} ${one['SrcVersion']}-${one['SrcRelease'] ?? ''}`).toSorted()).toEqual([
      'base-files 12.4+deb12u11-',
      'glibc 2.36-9+deb12u10',
      'openssl 3.0.16-1',
    ])
  })

  it('is read by Syft: each package by its package URL', async () => {
    const text = await output(['syft', 'convert', await written(), '-o', 'syft-json', '-q'], { env: environment })
    const { artifacts }: { artifacts: readonly { readonly purl: string }[] } = JSON.parse(text)
    const purls = artifacts.map(({ purl }) => barePurl(purl)).filter((purl) => purl !== '')
    expect(purls.toSorted()).toEqual(expected)
  })
})

describe.each([
  ['syft', 'cyclonedx-json', 'linux-amd64.cdx.json'],
  ['syft', 'cyclonedx-json@1.4', 'linux-amd64.v1.4.cdx.json'],
  ['syft', 'cyclonedx-json@1.5', 'linux-amd64.v1.5.cdx.json'],
  ['syft', 'spdx-json', 'linux-amd64.spdx.json'],
  ['syft', 'spdx-json@2.2', 'linux-amd64.v2.2.spdx.json'],
  ['trivy', 'cyclonedx', 'linux-amd64.cdx.json'],
  ['trivy', 'spdx-json', 'linux-amd64.spdx.json'],
])('the SBOM that %s writes as %s', (program, format, name) => {
  it('is found to be of this image, is recorded for it, and has the packages that ours has', async () => {
    const file = join(workspace, `${program}.${format}.json`)
    if (program === 'syft') await output(['syft', `oci-dir:${image.layout}`, '-o', `${format}=${file}`, '-q'], { env: environment })
    else await trivy('image', '--input', image.layout, '--format', format, '-o', file, '--skip-db-update', '--skip-java-db-update')
    recorded.lines.length = 0
    const { failure, record } = await sbom({ from: file })
    expect(failure).toBeUndefined()
    expect(recorded.lines.filter((line) => line.startsWith('warn'))).toEqual([])
    expect(record.sboms).toMatchObject([{ subject: image.digest, platform: 'linux/amd64', packages: 6 }])
    const { packages } = inventoryOfSbom(parseSbom(readFileSync(join(workspace, '.slipway/sbom', name), 'utf8'), name))
    expect(packages.map(({ purl }) => barePurl(purl)).toSorted()).toEqual(expected)
    const libssl = packages.find((one) => one.name === 'libssl3')
    expect(libssl?.source).toEqual({ name: 'openssl', version: '3.0.16-1' })
  })
})
