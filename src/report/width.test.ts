import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pad, truncate, widthOf, wrap } from './width.ts'

describe('columns of a text', () => {
  test.each([
    ['plain', 5],
    ['', 0],
    ['naïve', 5],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한국', 4],
    ['ｆｕｌｌ', 8],
    ['ｶﾅ', 2],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['a\u200bb', 2],
    ['✓ ·…→', 5],
    ['12\u202f345', 6],
  ])('%j takes %i', (text, columns) => {
    expect(widthOf(text)).toBe(columns)
  })
})

test('what is counted by its length has that width by its parts too', () => {
  // With a blank of no width the parts are counted.
  const parts = (text: string): number => widthOf(`${text}\u200b`)
  const all = Array.from({ length: 0x2800 - 0x20 }, (_, index) => String.fromCharCode(index + 0x20))
  expect(all.filter((sign) => widthOf(sign) !== parts(sign))).toEqual([])
  const counted = all.filter((sign) => widthOf(sign) === 1)
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...counted) }), (text) => widthOf(text) === parts(text)))
})

describe('truncate', () => {
  test.each([
    ['fits', 4, 'fits'],
    ['too long', 5, 'too…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['1.4.0, latest', 8, '1.4.0…'],
    ['a · b', 4, 'a…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i columns is %j', (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected)
    expect(widthOf(truncate(text, columns))).toBeLessThanOrEqual(columns)
  })
})

test('pad counts columns, not characters', () => {
  expect(`${pad('日本', 6)}|${pad('ab', 6)}|`).toBe('日本  |ab    |')
})

describe('wrap', () => {
  test.each([
    ['one two three', 9, ['one two', 'three']],
    ['short', 9, ['short']],
    ['', 9, ['']],
    ['run `slipway test --json` now', 12, ['run', '`slipway test --json`', 'now']],
    ['  image  "x" is wrong indeed', 20, ['  image  "x" is', '         wrong', '         indeed']],
    ['  a-long-name  x is wrong', 20, ['  a-long-name  x is', '    wrong']],
    ['  an indented line', 12, ['  an', '    indented', '    line']],
    ['a\nb', 9, ['a', 'b']],
    ['averyverylongword x', 6, ['averyverylongword', 'x']],
    ['a stray ` mark', 8, ['a stray', '` mark']],
  ])('%j in %i columns', (text, columns, expected) => {
    expect(wrap(text, columns)).toEqual(expected)
  })
})

test('whatever is truncated or wrapped has room, and wrapping loses no word', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 30 }), (given, columns) => {
      expect(widthOf(truncate(given, columns))).toBeLessThanOrEqual(columns)
      expect(wrap(given, columns).join(' ').match(/\S+/g)).toEqual(given.match(/\S+/g))
    }),
  )
})
