import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { runGit } from './fixtures/repository.ts'
import { parseRef } from './ref.ts'

const hash = 'a1'.repeat(20)

describe('a ref', () => {
  it.each([
    [undefined, { kind: 'head' }],
    ['HEAD', { kind: 'head' }],
    [hash.toUpperCase(), { kind: 'hash', hash }],
    ['a1'.repeat(32), { kind: 'hash', hash: 'a1'.repeat(32) }],
    ['main', { kind: 'name', given: 'main', candidates: ['refs/heads/main', 'refs/tags/main'] }],
    ['feature/ü-1', { kind: 'name', given: 'feature/ü-1', candidates: ['refs/heads/feature/ü-1', 'refs/tags/feature/ü-1'] }],
    ['refs/pull/1/head', { kind: 'name', given: 'refs/pull/1/head', candidates: ['refs/pull/1/head'] }],
  ])('%s', (text, expected) => expect(parseRef(text)).toEqual(expected))

  it.each([
    '--upload-pack=touch /tmp/x',
    '-x',
    'a..b',
    'a b',
    "a'b c",
    'a\nb',
    'a\0b',
    'a:b',
    '+a:b',
    '^a',
    'a~1',
    'a@{1}',
    '@',
    '*',
    'a[b',
    '/a',
    'a/',
    'a//b',
    'a/.b',
    'a.lock',
    'a.',
    'x'.repeat(241),
    '\ud800',
  ])('%j is refused', (text) => expect(() => parseRef(text)).toThrow(expect.objectContaining({ code: 'SW-SOURCE-REF' })))

  it('that is taken is one that git takes', () => {
    const character = fc.constantFrom(...'ab/.-@{}~^:?*[\\ \n\'"$`+ü')
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 1, maxLength: 8 }), (text) => {
        const ref = taken(text)
        if (ref?.kind === 'name') expect(() => runGit('/', ['check-ref-format', ref.candidates[0] ?? ''])).not.toThrow()
      }),
      { numRuns: 150 },
    )
  })
})

function taken(text: string): ReturnType<typeof parseRef> | undefined {
  try {
    return parseRef(text)
  } catch {
    return undefined
  }
}
