import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import type { Inventory } from '../packages/package.ts'
import { billOf, jar, libc, plain, scoped, whole } from './bill.fake.ts'
import { spdxFaults } from './schema.fake.ts'
import { spdx } from './spdx.ts'

interface Entry {
  readonly SPDXID: string
  readonly name: string
  readonly annotations: readonly { readonly comment: string }[]
}
interface Link {
  readonly spdxElementId: string
  readonly relationshipType: string
  readonly relatedSpdxElement: string
}

const written = (inventory: Inventory, more = {}) => JSON.parse(spdx(billOf(inventory, more)))
const source = { kind: 'application', name: 'app', hashes: [], phase: 'pre-build' } as const

describe('an SBOM in SPDX 2.3', () => {
  test.each<[string, object]>([
    ['of all kinds of packages', written(whole)],
    ['of nothing', written({ packages: [], unscannable: [] })],
    ['of what could not be read whole', written({ ...whole, unscannable: [{ path: 'x\n', why: 'y' }] })],
    ['of a system that has no version', written({ packages: [], distro: { id: 'arch', version: '' }, unscannable: [] })],
    ['of a source tree', written(whole, { subject: source, author: { name: 'Acme (Ltd)', contact: 'a@acme.example' } })],
  ])('%s is what the official schema says', (_, document) => {
    expect(spdxFaults(document)).toEqual([])
  })

  test('is held against that schema in earnest', () => {
    expect(
      spdxFaults({ ...written(whole), relationships: [{ spdxElementId: 'x', relationshipType: 'KNOWS', relatedSpdxElement: 'y' }] }),
    ).not.toEqual([])
    expect(spdxFaults({ ...written(whole), packages: [{ name: 'x' }] })).not.toEqual([])
  })

  test('is the same text for the same image, and has another namespace for any other', () => {
    expect(spdx(billOf(whole))).toBe(spdx(billOf(structuredClone(whole))))
    const namespaces = [whole, { ...whole, packages: [libc] }, { ...whole, unscannable: [{ path: 'x', why: 'y' }] }].map(
      (inventory) => written(inventory).documentNamespace,
    )
    expect(new Set(namespaces).size).toBe(3)
    for (const one of namespaces) expect(one).toContain(`/sha256-${sha256('image').slice(7)}/`)
  })

  test('names each element once, and relates only what is there', () => {
    const { packages, relationships, SPDXID } = written(whole)
    const ids = [SPDXID, ...packages.map((one: Entry) => one.SPDXID)]
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
    for (const { spdxElementId, relatedSpdxElement } of relationships as Link[]) {
      expect(ids).toContain(spdxElementId)
      expect([...ids, 'NOASSERTION']).toContain(relatedSpdxElement)
    }
  })

  test('describes the image, which contains the system and what is not of it, and says that more may be needed', () => {
    const { packages, relationships } = written(whole)
    const nameOf = new Map(packages.map((one: Entry) => [one.SPDXID, one.name]))
    const links = relationships.map(({ spdxElementId: from, relationshipType, relatedSpdxElement: to }: Link) =>
      [nameOf.get(from) ?? from, relationshipType, nameOf.get(to) ?? to].join(' '),
    )
    const image = 'r.example.com/team/App'
    expect(links).toEqual([
      `SPDXRef-DOCUMENT DESCRIBES ${image}`,
      `${image} CONTAINS debian`,
      `${image} DEPENDS_ON debian`,
      'debian CONTAINS libc6',
      `${image} CONTAINS org.acme/lib`,
      `${image} CONTAINS @s/b`,
      `${image} CONTAINS ${plain.name}`,
      `${image} CONTAINS NOASSERTION`,
      'debian DEPENDS_ON NOASSERTION',
      'libc6 DEPENDS_ON NOASSERTION',
      'org.acme/lib DEPENDS_ON NOASSERTION',
      '@s/b DEPENDS_ON NOASSERTION',
      `${plain.name} DEPENDS_ON @s/b`,
    ])
  })

  test('has what scanners look for: package URLs, source packages, the system, checksums', () => {
    const [image, system, first, , , last] = written(whole).packages
    expect(image).toMatchObject({
      primaryPackagePurpose: 'CONTAINER',
      versionInfo: sha256('image'),
      checksums: [
        { algorithm: 'SHA256', checksumValue: sha256('image').slice(7) },
        { algorithm: 'SHA512', checksumValue: 'c'.repeat(128) },
      ],
    })
    expect(system).toMatchObject({ name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING_SYSTEM' })
    expect(first).toMatchObject({
      sourceInfo: 'built package from: glibc 1:2.36-9+deb12u13',
      supplier: 'Organization: Debian GNU/Linux',
      licenseDeclared: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: libc.purl }],
    })
    expect(last).toMatchObject({ supplier: 'NOASSERTION', checksums: [{ algorithm: 'SHA1', checksumValue: 'a'.repeat(40) }] })
  })

  test('tells the files that told of a package, with their layers, and what is not known', () => {
    const comments = written(whole).packages.map(({ annotations = [] }: Entry) => annotations.map(({ comment }) => comment))
    expect(comments.slice(2)).toEqual([
      [`Location: var/lib/dpkg/status layer ${sha256('one')}`, 'Unknown: hash'],
      [`Location: app.war!/WEB-INF/lib/lib-2.0.jar layer ${sha256('two')}`],
      ['Location: b/package.json', 'Unknown: hash'],
      [`Location: a/package.json layer ${sha256('two')}`, 'Location: c/package.json'],
    ])
  })

  test('explains each licence that stands in no list of SPDX', () => {
    const { packages, hasExtractedLicensingInfos } = written({ packages: [jar, scoped, plain], unscannable: [] })
    expect(packages.slice(1).map((one: { licenseDeclared: string }) => one.licenseDeclared)).toEqual([
      `${hasExtractedLicensingInfos[0].licenseId} AND Apache-2.0 AND (MIT OR ISC)`,
      'MIT',
      '(MIT OR Apache-2.0)',
    ])
    expect(hasExtractedLicensingInfos).toEqual([
      {
        licenseId: expect.stringMatching(/^LicenseRef-Beerware-revision-42-[0-9a-f]{12}$/),
        name: 'Beerware, revision 42',
        extractedText: 'Beerware, revision 42',
      },
    ])
  })
})
