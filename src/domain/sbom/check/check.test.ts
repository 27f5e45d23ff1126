import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { billOf, whole } from '../bill.fake.ts'
import { cycloneDx } from '../cyclonedx.ts'
import { parseSbom } from '../read/read-sbom.ts'
import { spdx } from '../spdx.ts'
import { checkSbom, type FieldScore, type ProfileName, profiles } from './check.ts'
import { completeComponent, completeCycloneDx, completeSpdx } from './complete.fake.ts'

const check = (document: object | string, profile: ProfileName) =>
  checkSbom(parseSbom(typeof document === 'string' ? document : JSON.stringify(document), 'x'), profiles[profile])
const field = (document: object, profile: ProfileName, id: string): FieldScore | undefined =>
  check(document, profile).fields.find((one) => one.id === id)
const { metadata } = completeCycloneDx
const about = (more: object) => ({ ...completeCycloneDx, metadata: { ...metadata, ...more } })
const having = (more: object) => ({ ...completeCycloneDx, components: [{ ...completeComponent, ...more }] })
const unknown = (topic: string) => ({ properties: [{ name: 'slipway:unknown', value: `something, ${topic}` }] })
const spdxAbout = (more: object) => ({ ...completeSpdx, creationInfo: { ...completeSpdx.creationInfo, ...more } })
const spdxHaving = (more: object) => ({ ...completeSpdx, packages: [{ ...completeSpdx.packages[0], ...more }] })
const without = (document: object, ...keys: readonly string[]) =>
  Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)))
const [missing, notKnown, known] = [
  { missing: 1, passed: false },
  { unknown: 1, missing: 0 },
  { unknown: 0, missing: 0, passed: true },
]

test.each<ProfileName>(['cisa-2026', 'bsi-2.1'])('a complete SBOM passes %s in each field, with files left out', (profile) => {
  const { passed, score, fields } = check(completeCycloneDx, profile)
  expect(fields.filter((one) => !one.passed || one.score !== 100).map(({ id }) => id)).toEqual([])
  expect([passed, score]).toEqual([true, 100])
})

describe('the 17 data fields of CISA', () => {
  const rows: readonly (readonly [string, object, object])[] = [
    ['sbom-author', about({ manufacturer: undefined }), missing],
    ['sbom-author', about({ manufacturer: undefined, properties: [{ name: 'slipway:unknown', value: 'author' }] }), notKnown],
    ['sbom-author', about({ manufacturer: undefined, authors: [{ email: 'a@acme.example' }] }), known],
    ['sbom-author', spdxAbout({ creators: ['Tool: maker-1.0'] }), missing],
    ['sbom-author', spdxAbout({ creators: ['Organization: NOASSERTION'] }), notKnown],
    ['sbom-author-signature', { ...completeCycloneDx, signature: { algorithm: 'ES256' } }, missing],
    ['sbom-author-signature', { ...completeCycloneDx, signature: {} }, missing],
    ['sbom-author-signature', without(completeCycloneDx, 'signature'), { outside: true, known: 0 }],
    ['sbom-author-signature', completeSpdx, { outside: true, known: 0 }],
    ['data-format-version', { ...completeCycloneDx, specVersion: '9.9' }, missing],
    ['data-format-version', { ...completeSpdx, spdxVersion: 'SPDX-1.2' }, missing],
    ['data-format-version', { ...completeSpdx, spdxVersion: 'SPDX-2.2' }, known],
    ['generation-context', about({ lifecycles: [] }), missing],
    ['generation-context', about({ lifecycles: [{ name: 'a phase of our own' }] }), missing],
    ['generation-context', about({ lifecycles: [{ phase: 'post-build' }] }), known],
    ['generation-context', spdxAbout({ comment: 'made with care' }), missing],
    ['generation-context', about({ lifecycles: [], properties: [{ name: 'slipway:unknown', value: 'context' }] }), notKnown],
    ['generation-context', spdxAbout({ comment: 'NOASSERTION' }), notKnown],
    ['timestamp', about({ timestamp: undefined }), missing],
    ['timestamp', about({ timestamp: '2026-01-02' }), missing],
    ['timestamp', about({ timestamp: '2026-13-02T03:04:05Z' }), missing],
    ['timestamp', about({ timestamp: '2026-01-02T03:04:05' }), missing],
    ['timestamp', about({ timestamp: '2026-01-02T03:04:05.123+02:00[Europe/Berlin][u-ca=iso8601]' }), known],
    ['tool-name', about({ tools: undefined }), missing],
    ['tool-name', about({ tools: [{ vendor: 'v', name: 'old', version: '1' }] }), known],
    ['tool-name', spdxAbout({ creators: ['Organization: Acme'] }), missing],
    ['tool-version', about({ tools: { components: [{ name: 'maker' }] } }), missing],
    ['tool-version', about({ tools: undefined }), missing],
    ['tool-version', about({ tools: { components: [{ name: 'maker', version: '[not provided]' }] } }), notKnown],
    ['tool-version', spdxAbout({ creators: ['Tool: maker'] }), missing],
    ['sbom-version', without(completeCycloneDx, 'version'), missing],
    ['sbom-version', without(completeCycloneDx, 'serialNumber'), missing],
    ['sbom-version', without(completeSpdx, 'documentNamespace'), missing],
    ['component-producer', having({ manufacturer: undefined }), missing],
    ['component-producer', having({ manufacturer: undefined, author: 'A <a@lib.example>' }), known],
    ['component-producer', having({ manufacturer: { name: 'NOASSERTION' } }), notKnown],
    ['component-producer', spdxHaving({ originator: 'NOASSERTION' }), notKnown],
    ['component-producer', spdxHaving({ originator: undefined }), missing],
    ['component-name', having({ name: '' }), missing],
    ['component-version', having({ version: undefined }), missing],
    ['component-version', having({ version: 'unknown' }), notKnown],
    ['component-version', spdxHaving({ versionInfo: undefined }), missing],
    ['component-identifiers', having({ purl: undefined }), missing],
    ['component-identifiers', having({ purl: undefined, cpe: 'cpe:2.3:a:lib:lib:2.0:*:*:*:*:*:*:*' }), known],
    ['component-identifiers', having({ purl: undefined, ...unknown('identifier') }), notKnown],
    ['component-identifiers', spdxHaving({ externalRefs: [] }), missing],
    ['component-hash-value', having({ hashes: [] }), missing],
    ['component-hash-value', having({ hashes: [{ alg: 'SHA-256', content: 'none' }] }), missing],
    ['component-hash-value', having({ hashes: [], ...unknown('hash') }), notKnown],
    ['component-hash-value', spdxHaving({ checksums: [] }), missing],
    ['component-hash-algorithm', having({ hashes: [{ alg: '', content: 'a'.repeat(64) }] }), missing],
    ['component-hash-algorithm', having({ hashes: [], ...unknown('hash') }), notKnown],
    ['component-license', having({ licenses: [] }), missing],
    ['component-license', having({ licenses: [{ license: { name: 'NOASSERTION' } }] }), notKnown],
    ['component-license', spdxHaving({ licenseDeclared: undefined }), missing],
    ['component-license', spdxHaving({ licenseDeclared: 'NOASSERTION' }), notKnown],
    ['component-dependency-relationship', { ...completeCycloneDx, dependencies: [{ ref: 'app', dependsOn: ['lib'] }] }, missing],
    [
      'component-dependency-relationship',
      { ...completeCycloneDx, compositions: [{ aggregate: 'unknown', dependencies: ['lib'] }] },
      notKnown,
    ],
    ['component-dependency-relationship', { ...completeSpdx, relationships: [] }, missing],
  ]
  test.each(rows)('%s of %# is told from what is missing and from what is not known', (id, document, expected) => {
    expect(field(document, 'cisa-2026', id)).toMatchObject({ ...expected, ...('unknown' in expected ? { passed: true } : {}) })
  })

  test('each have a document that fails, but for the name of the format: what has none is no SBOM', () => {
    const failing = new Set(rows.filter(([, , expected]) => expected === missing).map(([id]) => id))
    expect(profiles['cisa-2026'].fields.map(({ id }) => id).filter((id) => !failing.has(id))).toEqual(['data-format-name'])
    expect(profiles['cisa-2026'].fields).toHaveLength(17)
    expect(() => parseSbom(JSON.stringify(without(completeCycloneDx, 'bomFormat')), 'x')).toThrow(
      expect.objectContaining({ code: 'SW-SBOM-MALFORMED' }),
    )
  })

  test('of a document without components are not there', () => {
    const { passed, fields } = check({ bomFormat: 'CycloneDX', specVersion: '1.6' }, 'cisa-2026')
    expect(passed).toBe(false)
    expect(fields.filter((one) => one.passed).map(({ id }) => id)).toEqual([
      'sbom-author-signature',
      'data-format-name',
      'data-format-version',
    ])
  })
})

describe('the data fields of BSI TR-03183-2', () => {
  const properties = (id: string) => ({ properties: completeComponent.properties.filter(({ name }) => !name.endsWith(id)) })
  const rows: readonly (readonly [string, object])[] = [
    ['format', { ...completeCycloneDx, specVersion: '1.5' }],
    ['format', completeSpdx],
    ['no-vulnerabilities', { ...completeCycloneDx, vulnerabilities: [{ id: 'CVE-2026-1' }] }],
    ['sbom-creator', about({ manufacturer: { name: 'Acme' } })],
    ['timestamp', about({ timestamp: 'today' })],
    ['component-creator', having({ manufacturer: { name: 'Lib Makers' } })],
    ['component-name', having({ name: '' })],
    ['component-version', having({ version: 'unknown' })],
    ['filename', having(properties('filename'))],
    ['dependencies', without(completeCycloneDx, 'dependencies')],
    ['distribution-licences', having({ licenses: [{ expression: 'MIT' }] })],
    [
      'hash',
      having({ externalReferences: [{ type: 'distribution', url: 'https://lib.example', hashes: [{ alg: 'SHA-256', content: 'aa' }] }] }),
    ],
    ['executable', having(properties('executable'))],
    ['archive', having(properties('archive'))],
    ['structured', having(properties('structured'))],
  ]
  test.each(rows)('%s of %# fails', (id, document) => {
    expect(field(document, 'bsi-2.1', id)).toMatchObject({ required: true, passed: false })
    expect(check(document, 'bsi-2.1')).toMatchObject({ passed: false })
  })

  test.each<[string, object]>([
    ['sbom-uri', without(completeCycloneDx, 'serialNumber')],
    ['source-code-uri', having({ externalReferences: completeComponent.externalReferences.slice(0, 1) })],
    ['deployable-uri', having({ externalReferences: completeComponent.externalReferences.map((one) => ({ ...one, url: '' })) })],
    ['identifiers', having({ purl: undefined })],
    ['original-licences', having({ licenses: [{ license: { id: 'MIT', acknowledgement: 'concluded' } }] })],
  ])('%s is told and does not fail: it counts where it exists', (id, document) => {
    expect(field(document, 'bsi-2.1', id)).toMatchObject({ required: false, passed: false })
    expect(check(document, 'bsi-2.1')).toMatchObject({ passed: true, score: 100 })
  })

  test('each have a document that fails', () => {
    const failing = new Set(rows.map(([id]) => id))
    expect(profiles['bsi-2.1'].fields.filter(({ id, required }) => required && !failing.has(id))).toEqual([])
  })
})

describe('what fails', () => {
  test('is counted over the components, and the first that lack it are named', () => {
    const components = Array.from({ length: 9 }, (_, place) => ({ ...completeComponent, name: `c${place}`, purl: undefined }))
    expect(field({ ...completeCycloneDx, components }, 'cisa-2026', 'component-identifiers')).toEqual({
      id: 'component-identifiers',
      name: 'Component Identifiers',
      of: 'component',
      required: true,
      passed: false,
      score: 10,
      known: 1,
      unknown: 0,
      missing: 9,
      outside: false,
      lacking: ['c0', 'c1', 'c2', 'c3', 'c4'],
    })
  })

  test('never rounds up to the whole', () => {
    const components = Array.from({ length: 5000 }, (_, place) => ({ ...completeComponent, purl: place === 0 ? undefined : 'pkg:npm/a@1' }))
    expect(field({ ...completeCycloneDx, components }, 'cisa-2026', 'component-identifiers')).toMatchObject({ passed: false, score: 99.9 })
  })
})

describe('what we write', () => {
  const author = { name: 'Acme', contact: 'https://acme.example' }
  test.each<[string, string]>([
    ['CycloneDX 1.6', cycloneDx(billOf(whole, { author }))],
    ['CycloneDX 1.7', cycloneDx(billOf(whole, { author }), '1.7')],
    ['SPDX 2.3', spdx(billOf(whole, { author }))],
    ['CycloneDX without an author', cycloneDx(billOf(whole))],
    ['SPDX without an author', spdx(billOf(whole))],
    ['SPDX of nothing', spdx(billOf({ packages: [], unscannable: [] }))],
  ])('in %s passes the profile of CISA: what is not known is said', (_, text) => {
    const { passed, fields } = check(text, 'cisa-2026')
    expect(fields.filter((one) => !one.passed)).toEqual([])
    expect(passed).toBe(true)
  })

  test('passes that of BSI in all that can be known of an image', () => {
    const { fields } = check(cycloneDx(billOf(whole, { author })), 'bsi-2.1')
    const [good, lacking] = [true, false].map((wanted) => fields.filter(({ passed }) => passed === wanted).map(({ id }) => id))
    expect(good).toEqual([
      'format',
      'no-vulnerabilities',
      'sbom-creator',
      'timestamp',
      'sbom-uri',
      'component-name',
      'component-version',
      'dependencies',
    ])
    expect(lacking).toContain('hash')
  })
})

test.each([
  [
    'syft.cdx.json',
    62.5,
    'sbom-author 1, generation-context 1, component-producer 4, component-identifiers 1, component-hash-value 8, component-hash-algorithm 8, component-license 4, component-dependency-relationship 7',
  ],
  ['syft.spdx.json', 77.6, 'generation-context 1, component-hash-value 6, component-hash-algorithm 6, component-dependency-relationship 6'],
  [
    'trivy.cdx.json',
    69.5,
    'sbom-author 1, generation-context 1, component-producer 6, component-version 1, component-identifiers 2, component-hash-value 5, component-hash-algorithm 5, component-license 4',
  ],
])('the real document of %s has %s %% of what CISA asks for', (name, score, lacking) => {
  const found = check(readFileSync(new URL(`../read/fixtures/${name}`, import.meta.url), 'utf8'), 'cisa-2026')
  expect(found.score).toBe(score)
  expect(
    found.fields
      .filter(({ passed }) => !passed)
      .map(({ id, missing: count }) => `${id} ${count}`)
      .join(', '),
  ).toBe(lacking)
})
