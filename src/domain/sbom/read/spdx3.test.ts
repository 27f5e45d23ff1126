import { describe, expect, test } from '@jest/globals'
import { checkSbom, profiles } from '../check/check.ts'
import { namedImages } from '../foreign.ts'
import { inventoryOfSbom } from './inventory-of.ts'
import { parseSbom } from './read-sbom.ts'

const digest = `sha256:${'d'.repeat(64)}`
const contact = (identifier: string) => [{ type: 'ExternalIdentifier', externalIdentifierType: 'email', identifier }]
const link = (from: string, relationshipType: string, to: readonly string[], more = {}) => ({
  ...{ type: 'Relationship', spdxId: `urn:${from}:${relationshipType}:${to.join()}`, from, relationshipType, to },
  ...more,
})

/** As the examples of the specification are: elements of one graph, named by addresses. */
const graph: readonly object[] = [
  {
    ...{ type: 'CreationInfo', '@id': '_:made', specVersion: '3.0.1', created: '2026-01-02T03:04:05Z' },
    ...{ createdBy: ['urn:acme'], createdUsing: ['urn:tool'] },
  },
  { type: 'Organization', spdxId: 'urn:acme', name: 'Acme', externalIdentifier: contact('sbom@acme.example') },
  { type: 'Organization', spdxId: 'urn:glibc', name: 'The glibc project', externalIdentifier: contact('libc@gnu.example') },
  { type: 'Tool', spdxId: 'urn:tool', name: 'maker 1.2.3' },
  { type: 'SpdxDocument', spdxId: 'urn:document', rootElement: ['urn:sbom'] },
  { type: 'software_Sbom', spdxId: 'urn:sbom', rootElement: ['urn:image'], software_sbomType: ['analyzed'] },
  {
    ...{ type: 'software_Package', spdxId: 'urn:image', name: 'app', software_primaryPurpose: 'container' },
    ...{ software_packageVersion: digest },
  },
  {
    ...{ type: 'software_Package', spdxId: 'urn:os', name: 'debian', software_packageVersion: '12' },
    software_primaryPurpose: 'operatingSystem',
  },
  {
    ...{ type: 'software_Package', spdxId: 'urn:libc6', name: 'libc6', software_packageVersion: '2.36-9' },
    software_packageUrl: 'pkg:deb/debian/libc6@2.36-9?arch=amd64&upstream=glibc',
    originatedBy: ['urn:glibc'],
    verifiedUsing: [{ type: 'Hash', algorithm: 'sha512', hashValue: 'A'.repeat(128) }],
  },
  {
    ...{ type: 'software_Package', spdxId: 'urn:b', name: 'b', software_packageVersion: '1.0.0' },
    externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: 'pkg:npm/b@1.0.0' }],
  },
  {
    ...{ type: 'software_File', spdxId: 'urn:file', name: 'b.tgz', software_additionalPurpose: ['archive', 'container'] },
    verifiedUsing: [{ type: 'Hash', algorithm: 'sha512', hashValue: 'b'.repeat(128) }],
  },
  { type: 'simplelicensing_LicenseExpression', spdxId: 'urn:expression', simplelicensing_licenseExpression: 'MIT OR ISC' },
  link('urn:b', 'hasDeclaredLicense', ['urn:expression']),
  link('urn:b', 'hasConcludedLicense', ['https://spdx.org/licenses/MIT']),
  link('urn:libc6', 'hasDeclaredLicense', ['expandedlicensing_NoAssertionLicense']),
  link('urn:b', 'hasDistributionArtifact', ['urn:file']),
  link('urn:b', 'dependsOn', ['urn:libc6']),
  link('urn:image', 'dependsOn', ['urn:b'], { completeness: 'incomplete' }),
  link('urn:libc6', 'dependsOn', [], { completeness: 'noAssertion' }),
  link('urn:os', 'dependsOn', ['https://spdx.org/rdf/3.0.1/terms/Core/NoneElement']),
]
const read = (elements: readonly object[] = graph) =>
  parseSbom(JSON.stringify({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': elements }), 'x')

describe('a document of SPDX 3', () => {
  test('has packages with sources, hashes, licences and what they need', () => {
    expect(inventoryOfSbom(read())).toMatchObject({
      distro: { id: 'debian', version: '12' },
      unscannable: [],
      packages: [
        {
          ...{ type: 'deb', name: 'libc6', version: '2.36-9', source: { name: 'glibc', version: '2.36-9' }, licenses: [] },
          hashes: [{ algorithm: 'SHA-512', hex: 'a'.repeat(128) }],
          producer: 'The glibc project <libc@gnu.example>',
        },
        { type: 'npm', name: 'b', licenses: ['MIT OR ISC'], dependsOn: ['pkg:deb/debian/libc6@2.36-9?arch=amd64&upstream=glibc'] },
      ],
    })
  })

  test('says who made it, with what, in which phase, and of which image', () => {
    const document = read()
    expect(document).toMatchObject({
      ...{ format: 'SPDX', formatVersion: '3.0.1', serial: 'urn:document', created: '2026-01-02T03:04:05Z', contexts: ['analyzed'] },
      authors: [{ name: 'Acme', contact: 'sbom@acme.example' }],
      tools: [{ name: 'maker', version: '1.2.3' }],
    })
    expect(namedImages(document)).toEqual([digest])
  })

  test('tells what is not known from what is not said, and that from what is nothing', () => {
    const { components } = read()
    const of = (name: string) => components.find((one) => one.name === name)
    expect([of('libc6')?.needs, of('debian')?.needs, of('b')?.needs]).toEqual([undefined, [], ['urn:libc6']])
    expect([...(of('libc6')?.unknown ?? [])]).toEqual(['dependency', 'license'])
    expect([...(of('b')?.unknown ?? [])]).toEqual([])
  })

  test('is held against BSI by the file that it is deployed as', () => {
    const { fields } = checkSbom(read(), profiles['bsi-2.1'])
    const of = (id: string) => fields.find((one) => one.id === id)
    for (const id of ['filename', 'hash', 'executable', 'archive', 'structured', 'distribution-licences'])
      expect([id, of(id)?.known]).toEqual([id, 1])
    expect(of('format')).toMatchObject({ passed: true })
    const old = graph.map((one) => ('specVersion' in one ? { ...one, specVersion: '3.0.0' } : one))
    expect(checkSbom(read(old), profiles['bsi-2.1']).fields[0]).toMatchObject({ id: 'format', passed: false })
  })

  test('of nothing has nothing', () => {
    expect(inventoryOfSbom(read([]))).toEqual({ packages: [], unscannable: [] })
  })
})
