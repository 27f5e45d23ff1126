import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import type { Inventory, Package } from '../packages/package.ts'
import type { Bill } from './bill.ts'
import { cycloneDx } from './cyclonedx.ts'
import { cycloneDxFaults } from './schema.fake.ts'

const distro = { id: 'debian', version: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' }
const libc: Package = {
  type: 'deb',
  name: 'libc6',
  version: '1:2.36-9+deb12u13',
  purl: 'pkg:deb/debian/libc6@1:2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12&upstream=glibc',
  source: { name: 'glibc', version: '1:2.36-9+deb12u13' },
  distro,
  arch: 'amd64',
  licenses: [],
  locations: [{ path: 'var/lib/dpkg/status', layer: sha256('one') }],
}
const [scoped, plain] = [
  {
    type: 'npm',
    namespace: '@s',
    name: 'b',
    version: '1',
    purl: 'pkg:npm/%40s/b@1',
    licenses: ['MIT'],
    locations: [{ path: 'b/package.json' }],
  },
  {
    type: 'npm',
    name: 'a\r\n::error::',
    version: '1',
    purl: 'pkg:npm/a%0D%0A::error::@1',
    licenses: ['(MIT OR Apache-2.0)'],
    locations: [{ path: 'a/package.json' }],
    hashes: [{ algorithm: 'SHA-1', hex: 'a'.repeat(40) }],
    dependsOn: ['pkg:npm/%40s/b@1'],
  },
] as const satisfies readonly Package[]
const whole: Inventory = { packages: [libc, scoped, plain], distro, unscannable: [] }

function bill(inventory: Inventory): Bill {
  const subject = {
    digest: sha256('image'),
    name: 'App',
    repository: 'r.example.com/team/App',
    platform: 'linux/arm64',
    architecture: 'arm64',
  }
  return { subject, inventory, created: '2026-01-02T03:04:05Z', toolVersion: '1.2.3' }
}
const written = (inventory: Inventory) => JSON.parse(cycloneDx(bill(inventory)))

describe('an SBOM in CycloneDX 1.6', () => {
  test.each<[string, Inventory]>([
    ['of all kinds of packages', whole],
    ['of nothing', { packages: [], unscannable: [] }],
    ['of what could not be read whole', { ...whole, unscannable: [{ path: 'x\n', why: 'y' }] }],
    [
      'of a package with several licences, known and unknown',
      { packages: [{ ...scoped, licenses: ['MIT', 'Beerware 3', 'MIT OR ISC'] }], unscannable: [] },
    ],
    ['of a system that has no version', { packages: [], distro: { id: 'arch', version: '' }, unscannable: [] }],
  ])('%s is what the official schema says', (_, inventory) => {
    expect(cycloneDxFaults(written(inventory))).toEqual([])
  })

  test('is held against that schema in earnest', () => {
    expect(cycloneDxFaults({ ...written(whole), components: [{ type: 'nonsense', name: 'x' }] })).not.toEqual([])
  })

  test('is the same text for the same image', () => {
    expect(cycloneDx(bill(whole))).toBe(cycloneDx(bill(structuredClone(whole))))
  })

  test('says what it is about: the image by its digest, its system, when', () => {
    const { metadata, serialNumber, components } = written(whole)
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(metadata.timestamp).toBe('2026-01-02T03:04:05Z')
    expect(metadata.component).toMatchObject({
      type: 'container',
      purl: `pkg:oci/app@${sha256('image')}?arch=arm64&repository_url=r.example.com%2Fteam%2FApp`,
      hashes: [{ alg: 'SHA-256', content: sha256('image').slice(7) }],
    })
    expect(components[0]).toMatchObject({ type: 'operating-system', name: 'debian', version: '12' })
  })

  test('says of each package where it came from, and of those of a system what advisories call it', () => {
    const found = written(whole).components[1]
    expect(found).toMatchObject({ purl: libc.purl, evidence: { occurrences: [{ location: 'var/lib/dpkg/status' }] } })
    expect(found.properties).toEqual([
      { name: 'aquasecurity:trivy:SrcName', value: 'glibc' },
      { name: 'aquasecurity:trivy:SrcEpoch', value: '1' },
      { name: 'aquasecurity:trivy:SrcVersion', value: '2.36' },
      { name: 'aquasecurity:trivy:SrcRelease', value: '9+deb12u13' },
      { name: 'slipway:layer', value: sha256('one') },
    ])
  })

  test('has each component once in the dependencies, reached from the image', () => {
    const { dependencies, metadata, components } = written(whole)
    expect(dependencies[0]).toEqual({ ref: metadata.component['bom-ref'], dependsOn: ['os:debian@12', plain.purl] })
    expect(dependencies[1]).toEqual({ ref: 'os:debian@12', dependsOn: [libc.purl] })
    const refs = [metadata.component, ...components].map((one) => one['bom-ref'])
    expect(dependencies.map(({ ref }: { ref: string }) => ref)).toEqual(refs)
    expect(new Set(refs).size).toBe(refs.length)
  })

  test.each([
    [[], 'unknown'],
    [[{ path: 'x', why: 'y' }], 'incomplete'],
  ])('with %j not read says that its list is %s', (unscannable, aggregate) => {
    expect(written({ ...whole, unscannable }).compositions[0].aggregate).toBe(aggregate)
  })
})
