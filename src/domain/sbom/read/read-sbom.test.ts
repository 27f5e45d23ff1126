import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Inventory } from '../../packages/package.ts'
import { inventoryOfSbom } from './inventory-of.ts'
import { parseSbom } from './read-sbom.ts'

const read = (name: string) => parseSbom(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'), name)
const [system, application] = ['sha256:7f0898f5', 'sha256:9059e59f'] // diff ids, which Syft calls layers
const applicationDigest = 'sha256:c075750c' // what a manifest calls it
const brief = ({ packages }: Inventory) =>
  packages.map(({ type, namespace, name, version, source, distro, licenses, locations }) => ({
    what: [type, [...(namespace === undefined ? [] : [namespace]), name].join('/'), version].join(' '),
    ...(source === undefined ? {} : { source: `${source.name} ${source.version}` }),
    ...(distro === undefined ? {} : { distro: `${distro.id} ${distro.version}` }),
    licenses,
    locations: locations.map(({ path, layer }) => [path, ...(layer === undefined ? [] : [layer.slice(0, 15)])].join(' ')),
  }))

describe('a real SBOM', () => {
  test.each<[string, string, string | undefined, string | undefined]>([
    ['syft.cdx.json', '12', system, application],
    ['syft.spdx.json', '12', undefined, application],
    ['trivy.cdx.json', '12.11', undefined, applicationDigest],
    ['trivy.spdx.json', '12.11', undefined, applicationDigest],
  ])('of %s says the same as every other: packages, sources, distribution, and where they are', (name, version, ofSystem, layer) => {
    const isTrivy = name.startsWith('trivy')
    const found = brief(inventoryOfSbom(read(name)))
    const at = (path: string, digest: string | undefined): readonly string[] => [
      [path, ...(digest === undefined ? [] : [digest])].join(' '),
    ]
    const status = isTrivy ? [] : at('var/lib/dpkg/status', ofSystem ?? system)
    const distro = `debian ${version}`
    const own = (what: string) => (isTrivy ? { source: what } : {})
    expect(found.map(({ licenses: _, ...one }) => one)).toEqual([
      { what: 'deb base-files 12.4+deb12u11', ...own('base-files 12.4+deb12u11'), distro, locations: status },
      {
        what: 'deb libc6 2.36-9+deb12u10',
        source: 'glibc 2.36-9+deb12u10',
        distro,
        locations: expect.arrayContaining([...status]),
      },
      { what: 'deb libssl3 3.0.16-1~deb12u1', source: 'openssl 3.0.16-1', distro, locations: status },
      { what: 'npm @s/b 1.2.3', locations: at('app/node_modules/@s/b/package.json', layer) },
      { what: 'npm app 1.0.0', locations: at('app/package.json', layer) },
      {
        what: 'pypi six 1.16.0',
        locations: expect.arrayContaining([...at('usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA', layer)]),
      },
    ])
  })

  test.each([
    ['syft.cdx.json', ['MIT OR Apache-2.0'], ['Beerware, revision 42']],
    ['syft.spdx.json', ['(MIT OR Apache-2.0)'], ['Beerware, revision 42']],
    ['trivy.cdx.json', ['MIT OR Apache-2.0'], undefined],
  ])('of %s has the licences as they are declared', (name, b, six) => {
    const { packages } = inventoryOfSbom(read(name))
    const of = (wanted: string) => packages.find((one) => one.name === wanted)?.licenses
    expect(of('b')).toEqual(b)
    if (six !== undefined) expect(of('six')).toEqual(six)
  })

  test.each([
    ['syft.cdx.json', 'CycloneDX', '1.6', [], ['syft'], 'container'],
    ['syft.spdx.json', 'SPDX', '2.3', ['Anchore, Inc'], ['syft'], 'container'],
    ['trivy.cdx.json', 'CycloneDX', '1.6', [], ['trivy'], 'container'],
    ['trivy.spdx.json', 'SPDX', '2.3', ['aquasecurity'], ['trivy'], 'container'],
  ])('of %s says what it is and who made it', (name, format, version, authors, tools, kind) => {
    const document = read(name)
    expect(document).toMatchObject({ format, formatVersion: version, subject: { kind }, signature: 'none' })
    expect(document.authors.map((one) => one.name)).toEqual(authors)
    expect(document.tools.map((one) => one.name)).toEqual(tools)
  })

  test('of Syft or Trivy tells what needs what', () => {
    for (const name of ['syft.spdx.json', 'trivy.cdx.json', 'trivy.spdx.json']) {
      const { packages } = inventoryOfSbom(read(name))
      const [libc, libssl] = ['libc6', 'libssl3'].map((wanted) => packages.find((one) => one.name === wanted))
      expect([name, libssl?.dependsOn]).toEqual([name, [libc?.purl]])
    }
  })
})
