import { describe, expect, test } from '@jest/globals'
import { checkSbom, profiles } from './check/check.ts'
import { subjectOfDocument } from './foreign.ts'
import { type FormatName, formats } from './format.ts'
import type { SbomDocument } from './read/document.ts'
import { inventoryOfSbom } from './read/inventory-of.ts'
import { parseSbom } from './read/read-sbom.ts'
import { cycloneDxFaults, spdxFaults } from './schema.fake.ts'

const parsed = (document: object): SbomDocument =>
  parseSbom(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, ...document }), 'x.json')

/** The document as it is written again. */
function again(document: SbomDocument, format: FormatName): string {
  const { tools, authors } = document
  const [author] = authors
  return formats[format].write({
    ...{ subject: subjectOfDocument(document, 'x'), inventory: inventoryOfSbom(document), tools },
    ...{ created: '2026-01-02T03:04:05Z', toolVersion: '1.2.3', ...(author === undefined ? {} : { author }) },
  })
}

const a = { type: 'library', name: 'a', purl: 'pkg:npm/a@1' }
const subject = (component: object): object => ({ metadata: { component } })
const tool = (name: string, version?: string): object => ({ type: 'application', name, version })

describe.each(Object.keys(formats) as FormatName[])('what others wrote is valid in %s', (format) => {
  test.each<readonly [string, object]>([
    ['with a hash that is none', { components: [{ ...a, hashes: [{ alg: 'SHA-256', content: 'zz' }] }] }],
    ['with a hash of another algorithm', { components: [{ ...a, hashes: [{ alg: 'SHA-256', content: 'a'.repeat(41) }] }] }],
    [
      'of a subject with a hash that is none',
      subject({
        type: 'container',
        name: 'x',
        hashes: [
          { alg: 'SHA-512', content: '' },
          { alg: 'SHA-1', content: '?' },
        ],
      }),
    ],
    [
      'with a tool twice, ours too',
      { metadata: { tools: { components: [tool('slipway', '1.2.3'), tool('x'), tool('x'), tool('x', '1')] } } },
    ],
    [
      'without names',
      {
        ...subject({ type: 'application', name: '' }),
        components: [
          { ...a, name: '' },
          { type: 'operating-system', name: ' ' },
        ],
      },
    ],
    ['with half a letter', subject({ type: 'application', name: '\ud800', version: '\udc00' })],
    [
      'with addresses that are none',
      { metadata: { authors: [{ name: 'A', email: 'nobody\n' }], supplier: { name: 'B', url: ['somewhere'] } } },
    ],
    [
      'with packages twice that need themselves',
      {
        components: [
          { ...a, 'bom-ref': '1' },
          { ...a, 'bom-ref': '2' },
        ],
        dependencies: [{ ref: '1', dependsOn: ['1', '2', '2'] }],
      },
    ],
    [
      'under the refs that are ours',
      {
        components: [
          { ...a, 'bom-ref': 'os:debian@12' },
          { type: 'operating-system', name: 'debian', version: '12' },
        ],
      },
    ],
  ])('%s', (_, document) => {
    const written = JSON.parse(again(parsed(document), format))
    expect(format === 'spdx-2.3' ? spdxFaults(written) : cycloneDxFaults(written)).toEqual([])
  })

  test('with each tool once, Slipway last', () => {
    const tools = { components: [tool('slipway', '1.2.3'), tool('x', '1'), tool('x', '1')] }
    const document = parsed({ metadata: { tools } })
    expect(parseSbom(again(document, format), 'again.json').tools.map(({ name }) => name.replace(/-.*/, ''))).toEqual(['x', 'slipway'])
  })
})

test('a hash that is none is not taken over, one that is whole is', () => {
  const hashes = [
    { alg: 'SHA-256', content: 'zz' },
    { alg: 'SHA-1', content: 'A'.repeat(40) },
    { alg: 'MD5', content: 'a'.repeat(32) },
  ]
  expect(inventoryOfSbom(parsed({ components: [{ ...a, hashes }] })).packages[0]?.hashes).toEqual([
    { algorithm: 'SHA-1', hex: 'a'.repeat(40) },
  ])
})

test.each([
  ['sbom@acme.example', true],
  ['https://acme.example', true],
  ['somewhere', false],
])('an author with the address %j has what BSI asks for: %j', (email, passed) => {
  const document = parsed({ metadata: { authors: [{ name: 'Acme', email }] } })
  expect(checkSbom(document, profiles['bsi-2.1']).fields.find(({ id }) => id === 'sbom-creator')?.passed).toBe(passed)
})

test.each(Object.values(profiles))('a component without a name has none by $name', (profile) => {
  const { fields } = checkSbom(parsed({ components: [{ ...a, name: ' ' }] }), profile)
  expect(fields.find(({ id }) => id === 'component-name')).toMatchObject({ passed: false, missing: 1 })
})
