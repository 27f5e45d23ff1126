import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { reasonOf } from './reasons.ts'
import { parseStrictJson } from './strict-json.ts'

const reasonFor = (bytes: Uint8Array): unknown => {
  try {
    return parseStrictJson(bytes)
  } catch (thrown) {
    return reasonOf(thrown)
  }
}

test.each([
  ['a key twice', '{"a":1,"a":1}', { code: 'duplicate-keys', got: 'a' }],
  ['a key twice, once escaped', '{"a":1,"\\u0061":1}', { code: 'duplicate-keys', got: 'a' }],
  ['a key twice, far below', '[{"a":{"b":[{"c":1,"d":2,"c":3}]}}]', { code: 'duplicate-keys', got: 'c' }],
  ['a key of every object', '{"__proto__":1,"__proto__":2}', { code: 'duplicate-keys', got: '__proto__' }],
  ['101 levels', '['.repeat(101) + ']'.repeat(101), { code: 'unreadable', expected: 'at most 100 levels' }],
  ['no JSON', '{', { code: 'unreadable', expected: 'JSON' }],
  ['nothing', '', { code: 'unreadable', expected: 'JSON' }],
  ['a byte order mark', '\ufeff{}', { code: 'unreadable', expected: 'JSON' }],
])('refused: %s', (_, text, reason) => expect(reasonFor(Buffer.from(text))).toEqual(reason))

test('refused: bytes that are not UTF-8', () => {
  expect(reasonFor(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ code: 'unreadable', got: 'bytes that are not UTF-8' })
})

test('equal keys in different objects, and in strings, are fine', () => {
  const text = '{"a":{"a":"{\\"a\\":1,\\"a\\":2}"},"b":[{"a":1},{"a":2}]}'
  expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text))
})

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) =>
      expect(parseStrictJson(Buffer.from(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value))),
    ),
  )
})

test.each([
  ['plain', 'x'],
  ['escaped', '\\n'],
])('a long text is read: %s', (_, piece) => {
  const text = piece.repeat(10 * 2 ** 20)
  expect(parseStrictJson(Buffer.from(`{"a" : "${text}"}`))).toEqual({ a: JSON.parse(`"${text}"`) })
  expect(reasonFor(Buffer.from(`{"a":"${text}","a" :1}`))).toEqual({ code: 'duplicate-keys', got: 'a' })
})
