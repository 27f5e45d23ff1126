import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inventoryOfSbom } from './inventory-of.ts'
import { parseSbom } from './read-sbom.ts'

const cycloneDx = (parts: object): string => JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...parts })
const deep = 200_000

describe('a document that is none, or means harm,', () => {
  test.each([
    ['', 'is not JSON'],
    ['<bom/>', 'is not JSON'],
    ['[]', 'neither'],
    ['null', 'is not an object'],
    ['{}', 'neither'],
    ['{"bomFormat":"CycloneDX"}', 'specVersion'],
    ['{"bomFormat":"CycloneDX","specVersion":"../../x"}', 'specVersion'],
    ['{"spdxVersion":"SPDX-/etc/x"}', 'spdxVersion'],
    [cycloneDx({ components: [{ name: 1 }] }), 'component 1 is malformed: name'],
    [cycloneDx({ components: [{ name: 'x', licenses: [{ license: { id: {} } }] }] }), 'licenses.0.license.id'],
    ['{"spdxVersion":"SPDX-2.3","packages":[{"name":"x"}]}', 'packages.0.SPDXID'],
    ['{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}', '@graph'],
    ['['.repeat(deep), 'is not JSON'],
    [`${'['.repeat(deep)}${']'.repeat(deep)}`, 'neither'],
    [`{"bomFormat":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`, 'neither'],
    [
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"components":'.repeat(deep)}[]${'}]'.repeat(deep)}}`,
      'deeper than 64',
    ],
    [`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${'{},'.repeat(200_000)}{}]}`, 'more than 200000 components'],
    [`{"spdxVersion":"SPDX-2.3","packages":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'packages.0'],
  ])('is refused with the reason, whatever its size: %#', (text, reason) => {
    expect(() => parseSbom(text, 'x.json')).toThrow(
      expect.objectContaining({ code: 'SW-SBOM-MALFORMED', message: expect.stringContaining(reason) }),
    )
  })

  test('cannot fill an error with its own text', () => {
    const text = cycloneDx({ components: [{ name: 'x', type: { '\r\n::error::': 'x'.repeat(100_000) } }] })
    expect(() => parseSbom(text, 'x.json')).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }))
  })

  test('is read up to 64 levels', () => {
    const nested = `${'[{"components":'.repeat(64)}[]${'}]'.repeat(64)}`
    expect(parseSbom(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":${nested}}`, 'x').components).toHaveLength(64)
  })

  test('needs time in proportion to its length for a package URL of any text', () => {
    const component = { type: 'library', name: 'x', purl: `pkg:npm/${'@/'.repeat(400_000)}?` }
    const other = { ...component, purl: `pkg:npm${'/'.repeat(400_000)}#\n` }
    expect(inventoryOfSbom(parseSbom(cycloneDx({ components: [component, other] }), 'x')).packages.length).toBeLessThan(3)
  })

  test('needs time in proportion to its length for one package 100,000 times over, and for one key', () => {
    const places = Array.from({ length: 100_000 }, (_, place) => place)
    const components = places.map((place) => ({
      ...{ type: 'library', name: 'x', purl: 'pkg:npm/x@1' },
      properties: [{ name: 'syft:location:0:path', value: `/${place}` }],
    }))
    const [one] = inventoryOfSbom(parseSbom(cycloneDx({ components }), 'x')).packages
    expect(one?.locations).toHaveLength(100_000)
    const annotations = places.map((place) => ({ comment: `Location: ${place}` }))
    const relationships = places.map((place) => ({ spdxElementId: 'a', relationshipType: 'DEPENDS_ON', relatedSpdxElement: `b${place}` }))
    const spdx = { spdxVersion: 'SPDX-2.3', packages: [{ SPDXID: 'a', name: 'a', annotations }], relationships }
    expect(parseSbom(JSON.stringify(spdx), 'x').components[0]).toMatchObject({
      locations: { length: 100_000 },
      needs: { length: 100_000 },
    })
  })

  test('may have as many components in one as there may be at all', () => {
    const components = [{ name: 'x', components: Array.from({ length: 190_000 }, () => ({ name: 'y' })) }]
    expect(parseSbom(cycloneDx({ components }), 'x').components).toHaveLength(190_001)
  })

  test('of SPDX 3 may relate one element to a million', () => {
    const to = Array.from({ length: 1_000_000 }, (_, place) => `${place}`)
    const graph = [
      { type: 'software_Package', spdxId: 'a', name: 'a' },
      { type: 'Relationship', from: 'a', relationshipType: 'dependsOn', to },
      { type: 'Relationship', from: 'a', relationshipType: 'hasDeclaredLicense', to: to.slice(0, 200_000) },
    ]
    const text = JSON.stringify({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': graph })
    expect(parseSbom(text, 'x').components[0]?.needs).toHaveLength(1_000_000)
  })

  test('gives an inventory or the one error, whatever it is', () => {
    const value = fc.jsonValue({ maxDepth: 5 })
    const component = fc.dictionary(fc.constantFrom('name', 'purl', 'licenses', 'properties', 'components', 'hashes', 'cpe'), value)
    fc.assert(
      fc.property(fc.array(component, { maxLength: 3 }), value, (components, metadata) => {
        try {
          expect(inventoryOfSbom(parseSbom(cycloneDx({ components, metadata }), 'x')).packages).toBeInstanceOf(Array)
        } catch (error) {
          expect(error).toMatchObject({ code: 'SW-SBOM-MALFORMED' })
        }
      }),
    )
  })
})

describe('what cannot be looked up', () => {
  test.each<[string, object, readonly string[]]>([
    ['a library without a package URL', { type: 'library', name: 'x' }, ['x']],
    ['a package URL of another kind', { type: 'application', name: 'x', purl: 'pkg:generic/x@1' }, ['pkg:generic/x@1']],
    ['a package URL that is none', { type: 'library', name: 'x', purl: 'npm:x' }, ['npm:x']],
    ['a file', { type: 'file', name: 'x' }, []],
  ])('%s', (_, component, paths) => {
    const { packages, unscannable } = inventoryOfSbom(parseSbom(cycloneDx({ components: [component] }), 'x'))
    expect([packages, unscannable.map(({ path }) => path)]).toEqual([[], paths])
  })

  test('a list that is not whole, as it says itself', () => {
    const parts = {
      metadata: { component: { 'bom-ref': 'r', name: 'app' } },
      compositions: [{ aggregate: 'incomplete', assemblies: ['r'] }],
    }
    expect(inventoryOfSbom(parseSbom(cycloneDx(parts), 'x')).unscannable).toEqual([
      { path: 'app', why: expect.stringContaining('not complete') },
    ])
  })

  test('a component inside another, or inside what the document is about, is one like all others', () => {
    const one = (name: string) => ({ name, purl: `pkg:npm/${name}@1` })
    const parts = {
      metadata: { component: { name: 'app', components: [one('a')] } },
      components: [{ ...one('b'), components: [one('c')] }],
    }
    expect(inventoryOfSbom(parseSbom(cycloneDx(parts), 'x')).packages.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})
