import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import type { Inventory } from '../packages/package.ts'
import { billOf, jar, libc, plain, scoped, whole } from './bill.fake.ts'
import { cycloneDx } from './cyclonedx.ts'
import { cycloneDxFaults } from './schema.fake.ts'

const written = (inventory: Inventory) => JSON.parse(cycloneDx(billOf(inventory)))
const acme = { name: 'Acme Ltd', contact: 'https://acme.example' }

describe.each(['1.6', '1.7'] as const)('an SBOM in CycloneDX %s', (version) => {
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
    for (const more of [{}, { author: acme }, { author: { name: 'Acme', contact: 'sbom@acme.example' } }]) {
      const document = JSON.parse(cycloneDx(billOf(inventory, more), version))
      expect(document.specVersion).toBe(version)
      expect(cycloneDxFaults(document)).toEqual([])
    }
  })

  test('is held against that schema in earnest', () => {
    expect(cycloneDxFaults({ ...written(whole), specVersion: version, components: [{ type: 'nonsense', name: 'x' }] })).not.toEqual([])
  })

  test('is the same text for the same image', () => {
    expect(cycloneDx(billOf(whole), version)).toBe(cycloneDx(billOf(structuredClone(whole)), version))
  })
})

describe('an SBOM in CycloneDX', () => {
  test('says what it is about: the image by its digest, its system, when', () => {
    const { metadata, serialNumber, components } = written(whole)
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(metadata.timestamp).toBe('2026-01-02T03:04:05Z')
    expect(metadata.component).toMatchObject({
      type: 'container',
      purl: `pkg:oci/app@${sha256('image')}?arch=arm64&repository_url=r.example.com%2Fteam%2FApp`,
      hashes: [
        { alg: 'SHA-256', content: sha256('image').slice(7) },
        { alg: 'SHA-512', content: 'c'.repeat(128) },
      ],
      externalReferences: [{ type: 'distribution', url: `oci://r.example.com/team/App@${sha256('image')}` }],
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
      { name: 'slipway:unknown', value: 'dependency, hash, license' },
    ])
    expect(found.manufacturer).toEqual({ name: 'Debian GNU/Linux' })
  })

  test('has each component once in the dependencies, reached from the image', () => {
    const { dependencies, metadata, components } = written(whole)
    expect(dependencies[0]).toEqual({ ref: metadata.component['bom-ref'], dependsOn: ['os:debian@12', jar.purl, plain.purl] })
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

  test('names who answers for it, or that this is not known', () => {
    const { metadata } = JSON.parse(cycloneDx(billOf(whole, { author: acme })))
    const entity = { name: 'Acme Ltd', url: ['https://acme.example'] }
    expect(metadata).toMatchObject({ manufacturer: entity, component: { manufacturer: entity }, properties: [] })
    expect(written(whole).metadata).toMatchObject({ properties: [{ name: 'slipway:unknown', value: 'author' }] })
  })

  test('has licences by identifier, as an expression, or by the name that they have', () => {
    const licensesOf = (found: typeof jar) => written({ packages: [found], unscannable: [] }).components[0].licenses
    const acknowledgement = 'declared'
    expect(licensesOf({ ...jar, licenses: ['mit'] })).toEqual([{ license: { id: 'MIT', acknowledgement } }])
    expect(licensesOf({ ...jar, licenses: ['MIT OR ISC'] })).toEqual([{ expression: 'MIT OR ISC', acknowledgement }])
    expect(licensesOf({ ...jar, licenses: ['MIT OR Mine'] })).toEqual([{ license: { name: 'MIT OR Mine', acknowledgement } }])
    expect(licensesOf(jar)).toEqual([
      { license: { name: 'Beerware, revision 42', acknowledgement } },
      { license: { id: 'Apache-2.0', acknowledgement } },
      { license: { name: 'MIT OR ISC', acknowledgement } },
    ])
  })

  test('says of a component that is one file what BSI asks of files', () => {
    const { properties } = written({ packages: [jar], unscannable: [] }).components[0]
    const bsi = properties.filter(({ name }: { name: string }) => name.startsWith('bsi:'))
    expect(bsi.map(({ value }: { value: string }) => value)).toEqual(['lib-2.0.jar', 'executable', 'archive', 'structured'])
  })

  test('leaves packages for development out of what runs', () => {
    expect(written({ packages: [{ ...plain, scope: 'development' }], unscannable: [] }).components[0].scope).toBe('excluded')
  })

  test('of an application that is in its own list of packages names the two apart', () => {
    const subject = { kind: 'application', name: 'b', purl: scoped.purl, hashes: [], phase: 'build' } as const
    const document = JSON.parse(cycloneDx(billOf(whole, { subject })))
    const refs = [document.metadata.component, ...document.components].map((one) => one['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
    expect(cycloneDxFaults(document)).toEqual([])
  })
})
