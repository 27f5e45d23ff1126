import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotRegular, parseRegular } from './regular.ts'

const texts = [
  '',
  'a',
  'b',
  'ab',
  'aab',
  'ba',
  'abab',
  'a.b',
  'v1.2.3',
  'v1x2x3',
  'refs/heads/main',
  'refs/heads/main-evil',
  'A_9',
  '-',
  ']',
  'a\nb',
  'ä',
]

describe('means what JavaScript means by it, for the whole text', () => {
  test.each([
    ['a'],
    ['^a$'],
    ['a|b'],
    ['ab|ba|'],
    ['(a|b)*'],
    ['(?:ab)+'],
    ['a?b?'],
    ['a{2}b'],
    ['a{1,}b'],
    ['(a|b){0,2}'],
    ['.*'],
    ['a.b'],
    ['a\\.b'],
    ['v\\d+\\.\\d+\\.\\d+'],
    ['[a-z/]+'],
    ['[^a]*'],
    ['[\\w-]+'],
    ['[\\]-]'],
    ['[a-]'],
    ['refs/heads/(main|release/.+)'],
    ['(a*)*b'],
    ['(a|a)*'],
    ['ä'],
  ])('%s', (expression) => {
    const theirs = new RegExp(`^(?:${expression})$`, 'u')
    const ours = parseRegular(expression)
    expect(texts.filter((text) => ours.accepts(text))).toEqual(texts.filter((text) => theirs.test(text)))
  })

  test('for any text of few letters', () => {
    const part = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(?:a|b)', '(?:ab|)')
    const expression = fc
      .array(fc.tuple(part, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}')), { maxLength: 6 })
      .map((parts) => parts.flat().join(''))
    fc.assert(
      fc.property(expression, fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }), (given, text) => {
        expect(parseRegular(given).accepts(text)).toBe(new RegExp(`^(?:${given})$`, 'u').test(text))
      }),
    )
  })

  test.each<[string, string, number[], number[]]>([
    ['a*', 'aab', [0, 1, 2], [3]],
    ['(ab)+', 'abab', [2, 4], [0, 2]],
    ['', 'a', [0], [1]],
    ['.*ä', '🚀ä', [3], [0, 2]],
    ['b', 'a', [], []],
  ])('from the start and to the end of a part: %s in %s', (expression, text, ends, starts) => {
    expect([...parseRegular(expression).ends(text)].sort()).toEqual(ends)
    expect([...parseRegular(expression).starts(text)].sort()).toEqual(starts)
  })

  test('for every part of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }), (text) => {
        const ours = parseRegular('(a|bc*)*(?:ab|c){1,2}')
        const places = Array.from({ length: text.length + 1 }, (_, place) => place)
        expect([...ours.ends(text)].sort()).toEqual(places.filter((place) => ours.accepts(text.slice(0, place))))
        expect([...ours.starts(text)].sort()).toEqual(places.filter((place) => ours.accepts(text.slice(place))))
      }),
    )
  })
})

test('where others try for years, it takes a step for each letter', () => {
  expect(parseRegular('(a*)*(a|aa)+(.*)*b').accepts('a'.repeat(5000))).toBe(false)
})

test.each([
  ['(?=a)b'],
  ['(?!a)b'],
  ['(?<name>a)'],
  ['(a)\\1'],
  ['a**'],
  ['a*?'],
  ['a+b++'],
  ['*a'],
  ['a)'],
  ['(a'],
  ['[a'],
  ['[]'],
  ['[b-a]'],
  ['a{2'],
  ['a{3,2}'],
  ['a{101}'],
  ['a{,2}'],
  ['\\b'],
  ['\\p{L}'],
  ['\\'],
  ['a^b'],
  ['a$b'],
  ['((((a{100}){100}){100}){100})'],
  [`${'('.repeat(21)}a${')'.repeat(21)}`],
  ['a'.repeat(1001)],
])('refused: %s', (expression) => expect(() => parseRegular(expression)).toThrow(NotRegular))
