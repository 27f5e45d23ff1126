import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../base/digest.ts'
import { statementsByProduct } from './by-product.ts'
import { statementFor } from './match.ts'
import type { VexStatement } from './read.ts'

const digest = sha256('image')
const ids = [
  ...['pkg:npm/a', 'pkg:npm/a@1', 'pkg:npm/a@2', 'pkg:npm/b@1', 'pkg:npm/a@1?os=linux', 'pkg:npm/a@1#lib', 'a'],
  ...[digest, `app@${sha256('other')}`, `pkg:oci/app@${digest}`],
]
const component = fc
  .record({ id: fc.constantFrom(...ids), purl: fc.option(fc.constantFrom(...ids), { nil: undefined }), isHashed: fc.boolean() })
  .map(({ id, purl, isHashed }) => ({
    '@id': id,
    ...(purl === undefined ? {} : { identifiers: { purl } }),
    ...(isHashed ? { hashes: { 'sha-256': digest.slice(7) } } : {}),
  }))
const product = fc.tuple(component, fc.array(component, { maxLength: 2 })).map(([one, subcomponents]) => ({ ...one, subcomponents }))
const statement = fc.record({
  ...{ names: fc.subarray(['CVE-1', 'CVE-2', 'GHSA-1'], { minLength: 1 }), products: fc.array(product, { minLength: 1, maxLength: 3 }) },
  ...{ status: fc.constantFrom('not_affected', 'affected', 'fixed', 'under_investigation' as const), time: fc.integer({ min: 0, max: 2 }) },
  ...{ reason: fc.constant(''), author: fc.constant('me') },
})
const question = {
  ...{ names: ['CVE-1', 'GHSA-1'], images: [digest, sha256('index')] },
  package: { purl: 'pkg:npm/a@1', full: ['pkg:npm/a@1?os=linux'] },
}

test('what is looked up has the same answer as what is asked of all', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), (drafts) => {
      const statements = drafts.map((one, at): VexStatement => ({ ...one, origin: `x.json, statement ${at + 1}` }))
      const found = statementsByProduct(statements)(question)
      expect(statementFor(question, found)).toBe(statementFor(question, statements))
    }),
  )
})

test('of thousands under one name a package is asked of its own', () => {
  const of = (at: number): VexStatement => ({
    ...{ names: ['CVE-1'], status: 'not_affected', reason: '', author: 'me', time: 0, origin: `x.json, statement ${at}` },
    products: [{ '@id': digest, subcomponents: [{ '@id': `pkg:npm/p${at}@1` }] }],
  })
  const asked = statementsByProduct(Array.from({ length: 5000 }, (_, at) => of(at)))
  expect(asked({ ...question, package: { purl: 'pkg:npm/p7@1', full: [] } })).toEqual([of(7)])
})
