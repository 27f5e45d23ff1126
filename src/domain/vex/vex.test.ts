import { describe, expect, test } from '@jest/globals'
import { hexOf, sha256 } from '../../base/digest.ts'
import { type Question, statementFor } from './match.ts'
import { parseVex, type VexStatement } from './read.ts'
import { type Assertion, vexOf } from './write.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const digest = sha256('image')
const other = sha256('other')
const purl = 'pkg:deb/debian/openssl@3.0.1'

function document(statements: readonly object[], more: object = {}): Buffer {
  const head = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.com/1',
    author: 'team-shop',
    timestamp: '2026-11-01T00:00:00Z',
  }
  return Buffer.from(JSON.stringify({ ...head, version: 1, statements, ...more }))
}

/** A statement that the package is not affected; what is given replaces. */
function statement(given: object = {}): object {
  return {
    ...{ vulnerability: { name: 'CVE-1' }, products: [{ '@id': purl }], status: 'not_affected' },
    ...{ justification: 'vulnerable_code_not_present', ...given },
  }
}

const read = (...statements: readonly object[]): readonly VexStatement[] => parseVex(document(statements), 'x.json', now)
const about = (given: Partial<Question> = {}): Question => ({
  ...{ names: ['CVE-1', 'GHSA-1'], package: { purl, full: [`${purl}?arch=amd64&distro=debian-12`] }, images: [digest], ...given },
})

describe('a document is refused', () => {
  test.each<readonly [string, Buffer, string]>([
    ['of another version', document([statement()], { '@context': 'https://openvex.dev/ns/v0.0.1' }), '@context'],
    ['of another kind', Buffer.from('{"bomFormat":"CycloneDX"}'), '@context'],
    ['without statements', document([]), 'statements'],
    ['that says not_affected and not why', document([statement({ justification: undefined })]), 'neither a justification nor an impact'],
    ['with a justification that is none', document([statement({ justification: 'trust_me' })]), 'justification'],
    ['without a product', document([statement({ products: [] })]), 'names no product'],
    ['of a time that is none to a clock', document([statement({ timestamp: '2026-11-01T00:00:00+05' })]), 'timestamp'],
    ['of a time that is none', document([statement({ timestamp: 'soon' })]), 'timestamp'],
    ['of the future, which would always be the newest', document([statement({ timestamp: '2027-01-01T00:00:00Z' })]), 'in the future'],
    ['that names a key twice', Buffer.from('{"author":"a","author":"b"}'), 'duplicate-keys'],
    ['that is cut', document([statement()]).subarray(0, 100), 'cannot be read'],
  ])('%s', (_, bytes, why) => expect(() => parseVex(bytes, 'x.json', now)).toThrow(why))
})

test('times are those of vexctl too, with nine digits and an offset', () => {
  expect(read(statement({ timestamp: '2026-11-20T18:02:03.647787998-06:00' }))[0]?.time).toBe(Date.parse('2026-11-21T00:02:03.647Z'))
})

describe('a statement is about', () => {
  const image = (id: string, subcomponents?: readonly object[]): object => ({
    products: [{ '@id': id, ...(subcomponents === undefined ? {} : { subcomponents }) }],
  })
  test.each<readonly [string, object, boolean]>([
    ['the package', {}, true],
    ['the package of any version', { products: [{ '@id': 'pkg:deb/debian/openssl' }] }, true],
    ['no other version', { products: [{ '@id': 'pkg:deb/debian/openssl@3.0.2' }] }, false],
    ['no other namespace', { products: [{ '@id': 'pkg:deb/ubuntu/openssl@3.0.1' }] }, false],
    ['the package with its qualifiers', { products: [{ '@id': `${purl}?arch=amd64` }] }, true],
    ['no package with others', { products: [{ '@id': `${purl}?arch=arm64` }] }, false],
    ['the package by its identifiers', { products: [{ identifiers: { purl } }] }, true],
    ['the vulnerability by an alias', { vulnerability: { name: 'DSA-1', aliases: ['GHSA-1'] } }, true],
    ['the vulnerability by its address', { vulnerability: { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-1', name: 'x' } }, true],
    ['no other vulnerability', { vulnerability: { name: 'CVE-11' } }, false],
    ['the image, and all in it', image(`registry.example.com/app@${digest}`), true],
    ['the image by its digest alone', image(digest), true],
    ['the image by its package URL', image(`pkg:oci/app@${digest.replace(':', '%3A')}?repository_url=registry.example.com/app`), true],
    ['the image by its hash', { products: [{ '@id': 'app', hashes: { 'sha-256': hexOf(digest) } }] }, true],
    ['no other image', image(`registry.example.com/app@${other}`), false],
    ['no image by its name', image('pkg:oci/app?repository_url=registry.example.com/app'), false],
    ['a package of the image', image(digest, [{ '@id': 'pkg:deb/debian/openssl' }]), true],
    ['no other package of the image', image(digest, [{ '@id': 'pkg:deb/debian/zlib' }]), false],
    ['no package of another image', image(other, [{ '@id': purl }]), false],
    ['no image that is named by two digests', { products: [{ '@id': `app@${digest}`, hashes: { 'sha-256': hexOf(other) } }] }, false],
    ['no package that is named by two package URLs', { products: [{ '@id': purl, identifiers: { purl: 'pkg:deb/debian/zlib' } }] }, false],
    [
      'no version that the other package URL does not mean',
      { products: [{ '@id': 'pkg:deb/debian/openssl', identifiers: { purl: `${purl}.1` } }] },
      false,
    ],
    ['no file of the package', { products: [{ '@id': purl, hashes: { 'sha-256': hexOf(other) } }] }, false],
    ['no part of the package', { products: [{ '@id': `${purl}#lib` }] }, false],
  ])('%s', (_, given, isAbout) => expect(statementFor(about(), read(statement(given)))?.status).toBe(isAbout ? 'not_affected' : undefined))

  test('no package with qualifiers where those of the image are not known', () => {
    const question = about({ package: { purl, full: [] } })
    expect(statementFor(question, read(statement({ products: [{ '@id': `${purl}?arch=amd64` }] })))).toBeUndefined()
  })
})

describe('that it is fixed', () => {
  const fixed = (products: readonly object[]): string | undefined =>
    statementFor(about(), read(statement({ status: 'fixed', justification: undefined, products })))?.status
  test.each<readonly [string, object, boolean]>([
    ['in a version', { '@id': purl }, true],
    ['in the image', { '@id': digest, subcomponents: [{ '@id': 'pkg:deb/debian/openssl' }] }, true],
    ['in no version that is named', { '@id': 'pkg:deb/debian/openssl' }, false],
  ])('%s', (_, product, counts) => expect(fixed([product])).toBe(counts ? 'fixed' : undefined))
})

test('what says that something is affected counts also where it contradicts itself', () => {
  const affected = { status: 'affected', justification: undefined, timestamp: '2026-11-02T00:00:00Z' }
  const product = { '@id': purl, identifiers: { purl: 'pkg:deb/debian/zlib' }, hashes: { 'sha-256': hexOf(other) } }
  expect(statementFor(about(), read(statement(), statement({ ...affected, products: [product] })))?.status).toBe('affected')
})

describe('of several statements', () => {
  const old = statement({ timestamp: '2026-10-01T00:00:00Z' })
  const affected = (timestamp: string): object =>
    statement({ status: 'affected', justification: undefined, action_statement: 'update', timestamp })
  test.each([
    ['the newest counts', [old, affected('2026-10-02T00:00:00Z')], 'affected'],
    ['the newest counts, in whatever order and however narrow', [affected('2026-09-01T00:00:00Z'), old], 'not_affected'],
    ['of the same time the one that excuses least counts', [old, affected('2026-10-01T00:00:00Z')], 'affected'],
  ] as const)('%s', (_, statements, status) => {
    expect([statementFor(about(), read(...statements))?.status, statementFor(about(), read(...statements.toReversed()))?.status]).toEqual([
      status,
      status,
    ])
  })

  test('documents are one list: when a document was updated last is the time of what has no own', () => {
    const updated = parseVex(
      document(
        [affected('2026-09-01T00:00:00Z')].map(({ ...one }) => ({ ...one, timestamp: undefined })),
        { last_updated: '2026-11-02T00:00:00Z' },
      ),
      'y.json',
      now,
    )
    expect(statementFor(about(), [...read(statement()), ...updated])).toMatchObject({ status: 'affected', origin: 'y.json, statement 1' })
  })
})

describe('what is written', () => {
  const made: Assertion = {
    ...{ id: 'CVE-1', aliases: ['GHSA-1'], purl, subjects: [other, digest], status: 'not_affected' },
    justification: 'vulnerable_code_not_present',
  }
  const facts = { name: 'registry.example.com/team/app', author: 'team', timestamp: '2026-11-22T12:00:00.000Z' }

  test('is read again, and is about the image under both of its names and the package', () => {
    const text = vexOf([made], facts) ?? ''
    const statements = parseVex(Buffer.from(text), 'out.json', now)
    expect(statementFor(about(), statements)?.status).toBe('not_affected')
    expect(statementFor(about({ package: { purl: 'pkg:deb/debian/zlib@1', full: [] } }), statements)).toBeUndefined()
    const products = (JSON.parse(text) as { statements: { products: { '@id': string }[] }[] }).statements[0]?.products.map(
      (one) => one['@id'],
    )
    expect(products?.filter((id) => id.includes(hexOf(digest)))).toEqual([
      `pkg:oci/app@sha256:${hexOf(digest)}?repository_url=registry.example.com%2Fteam%2Fapp`,
      `registry.example.com/team/app@${digest}`,
    ])
  })

  test('has the identifier of its content, whatever the order and the time', () => {
    const second = { ...made, id: 'CVE-0' }
    const idOf = (...args: Parameters<typeof vexOf>): unknown => JSON.parse(vexOf(...args) ?? '{}')['@id']
    const later = { ...facts, timestamp: '2027-01-01T00:00:00.000Z' }
    expect(idOf([made, second], facts)).toBe(idOf([second, made], later))
    expect(idOf([made], facts)).not.toBe(idOf([second], facts))
  })

  test('is nothing where nothing is stated', () => expect(vexOf([], facts)).toBeUndefined())
})
