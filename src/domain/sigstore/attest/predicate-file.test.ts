import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { mostPredicate, parsePredicate, readPredicate } from './predicate-file.ts'

const folder = mkdtempSync(join(temporaryFolder(), 'predicates-'))
const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content)
const cyclonedx = '{ "bomFormat": "CycloneDX",\r\n\t"specVersion": "1.6", "serial": 9007199254740993.10, "text": "a \\" b  c" }\n'
const custom = { type: 'https://example.com/review/v1', where: 'review.json' }

describe('type=path', () => {
  test('is a file of that type, signed as it is but for the blanks between its parts', async () => {
    write('sbom.json', cyclonedx)
    const { kind, json, origin } = await readPredicate(' cyclonedx=sbom.json ', folder)
    expect([kind.type, origin]).toEqual(['https://cyclonedx.org/bom', 'sbom.json'])
    expect(json).toBe('{"bomFormat":"CycloneDX","specVersion":"1.6","serial":9007199254740993.10,"text":"a \\" b  c"}')
  })

  test.each([
    ['sbom=sbom.json', cyclonedx, 'https://cyclonedx.org/bom'],
    ['sbom=sbom.json', '{"spdxVersion":"SPDX-2.3","SPDXID":"x"}', 'https://spdx.dev/Document'],
    ['spdx=sbom.json', '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}', 'https://spdx.dev/Document'],
    ['https://example.com/a?b/v1=sbom.json', '{}', 'https://example.com/a?b/v1'],
    ['urn:acme:review=sbom.json', '{}', 'urn:acme:review'],
  ])('%s is of the type that it asks for', async (given, content, type) => {
    write('sbom.json', content)
    expect((await readPredicate(given, folder)).kind.type).toBe(type)
  })

  test.each([
    ['sbom.json', '{}', 'SW-ATTEST-PREDICATE', 'expected type=path'],
    ['=sbom.json', '{}', 'SW-ATTEST-PREDICATE', 'expected type=path'],
    ['cyclone=sbom.json', '{}', 'SW-ATTEST-PREDICATE', 'is not known'],
    ['https://example.com/a b=sbom.json', '{}', 'SW-ATTEST-PREDICATE', 'is not known'],
    ['cyclonedx=sbom.json', '{"bomFormat":"CycloneDX"}', 'SW-ATTEST-PREDICATE', 'specVersion'],
    ['spdxjson=sbom.json', cyclonedx, 'SW-ATTEST-PREDICATE', 'is no spdxjson'],
    ['sbom=sbom.json', '{"a":1}', 'SW-ATTEST-PREDICATE', 'is no SBOM'],
    ['sbom=sbom.json', 'SPDXVersion: SPDX-2.3', 'SW-ATTEST-PREDICATE', 'expected JSON'],
    ['https://example.com/a=sbom.json', '[1]', 'SW-ATTEST-PREDICATE', 'expected an object'],
    ['https://example.com/a=sbom.json', '{"a":1,"\\u0061":2}', 'SW-ATTEST-PREDICATE', 'duplicate-keys'],
    ['https://example.com/a=sbom.json', '{"a":', 'SW-ATTEST-PREDICATE', 'expected JSON'],
    ['https://example.com/a=sbom.json', '', 'SW-ATTEST-PREDICATE', 'expected JSON'],
    ['https://example.com/a=sbom.json', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'SW-ATTEST-PREDICATE', 'at most 100 levels'],
    ['https://example.com/a=none.json', '', 'SW-FILE-MISSING', 'none.json'],
    ['https://example.com/a=.', '', 'SW-FILE-KIND', ''],
  ])('%s with %j is %s', async (given, content, code, message) => {
    write('sbom.json', content)
    await expect(readPredicate(given, folder)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('bytes that are no UTF-8, or too many, are refused', async () => {
    write('sbom.json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))
    await expect(readPredicate('sbom=sbom.json', folder)).rejects.toMatchObject({ code: 'SW-ATTEST-PREDICATE' })
    write('sbom.json', Buffer.alloc(mostPredicate + 1, 0x20))
    await expect(readPredicate('sbom=sbom.json', folder)).rejects.toMatchObject({ code: 'SW-FILE-TOO-LARGE' })
  })
})

test('what is signed means what the file means, and has no blank outside of texts', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.constantFrom(0, 1, 4, '\t'), (value, space) => {
      const { json } = parsePredicate(Buffer.from(JSON.stringify(value, undefined, space)), custom)
      expect(json).toBe(JSON.stringify(value))
    }),
  )
})
