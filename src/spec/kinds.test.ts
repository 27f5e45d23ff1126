import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Input, Raw } from './kind.ts'
import { boolean, bytes, choice, digest, duration, image, integer, list, map, path, secret, text, url } from './kinds.ts'

const given = { optional: true, summary: 's' } as const
const sum = `sha256:${'0'.repeat(64)}`

/** The parsed value, or the reason why there is none. */
const read = (input: Input, raw: Raw): unknown => {
  try {
    return input.kind.parse(raw)
  } catch (error) {
    return error instanceof Error ? `! ${error.message}` : error
  }
}

describe('each kind reads its values and says what is wrong with others', () => {
  test.each<[string, Input, Raw, unknown]>([
    ['text', text(given), ' kept\nas it is ', ' kept\nas it is '],
    ['text', text(given), ['one'], 'one'],
    ['text', text(given), ['one', 'two'], '! is a list of 2, expected one value'],
    ['boolean', boolean(given), ' Yes', true],
    ['boolean', boolean(given), 'off', false],
    ['boolean', boolean(given), 'maybe', '! is neither true nor false'],
    ['integer', integer(given), '12\n', 12],
    ['integer', integer({ ...given, min: -5 }), '-5', -5],
    ['integer', integer(given), '-1', '! is not a whole number from 0'],
    ['integer', integer({ ...given, max: 9 }), '10', '! is not a whole number from 0 to 9'],
    ['integer', integer(given), '1e3', '! is not a whole number from 0'],
    ['integer', integer(given), '9007199254740993', '! is not a whole number from 0'],
    ['choice', choice(['critical', 'high'], given), 'high', 'high'],
    ['choice', choice(['critical', 'high'], given), 'hihg', '! is not one of: critical, high; did you mean high?'],
    ['list', list(given), 'a, b\n\nc', ['a', 'b', 'c']],
    ['list', list({ ...given, split: 'lines' }), 'a, b\nc\r\n', ['a, b', 'c']],
    ['list', list(given), '["a, b","","\\n"]', ['a, b', '', '\n']],
    ['list', list(given), ['a, b', ''], ['a, b', '']],
    ['list', list(given), '[1]', '! begins like a JSON array but is not one of strings'],
    ['list', list(given), '[a', '! begins like JSON but is not'],
    ['map', map(given), 'a=1\nb=x=y', { a: '1', b: 'x=y' }],
    ['map', map(given), '{"a":"1"}', { a: '1' }],
    ['map', map(given), ['a=line\nline'], { a: 'line\nline' }],
    ['map', map(given), 'a', '! has "a", which is not name=value'],
    ['map', map(given), 'a=1\na=2', '! names "a" twice'],
    ['map', map(given), '__proto__=1\n__proto__=2', '! names "__proto__" twice'],
    ['map', map(given), '{"a":1}', '! has 1 under "a", expected a string'],
    ['duration', duration(given), '90s', 90_000],
    ['duration', duration(given), 'soon', '! is not a duration such as 90s, 10m or 1h30m'],
    ['bytes', bytes(given), '64KiB', 65_536],
    ['bytes', bytes(given), 'much', '! is not a size such as 64KiB, 10MB or 2Gi'],
    ['path', path(given), 'a b/c', 'a b/c'],
    ['path', path(given), 'a\0b', '! holds a NUL character, which no path can'],
    ['image', image(given), 'harbor.example.com/team/app:1', 'harbor.example.com/team/app:1'],
    ['image', image({ ...given, reference: 'repository' }), 'r.io/app:1', '! has the tag "1"; a tag belongs in `tags`'],
    ['image', image({ ...given, reference: 'repository' }), `r.io/app@${sum}`, '! has a digest; a digest belongs in `digest`'],
    ['digest', digest(given), sum, sum],
    ['digest', digest(given), 'sha256:12', '! is not sha256: followed by 64 hexadecimal digits in lower case'],
    ['url', url(given), 'https://a.example/x', 'https://a.example/x'],
    ['url', url(given), 'ftp://a.example', '! is not an http or https address'],
    ['url', url(given), 'https://u:p@a.example', '! holds a user name or password; give them as inputs of their own'],
    ['secret', secret(given), ' s3cret \r\n\n', ' s3cret '],
  ])('%s %#', (_, input, raw, expected) => expect(read(input, raw)).toEqual(expected))
})

test('an image without a registry is refused, never taken to be on docker.io', () => {
  expect(read(image(given), 'app')).toMatch(/^! /)
  expect(read(image(given), 'team/app')).toMatch(/^! /)
})

test('a map has no inherited names', () => expect(Object.keys(read(map(given), '__proto__=x') as object)).toEqual(['__proto__']))

describe('what a kind formats it reads back', () => {
  const items = fc.array(fc.string())
  test.each<[string, Input, fc.Arbitrary<unknown>]>([
    ['text', text(given), fc.string()],
    ['boolean', boolean(given), fc.boolean()],
    ['integer', integer(given), fc.nat()],
    ['list', list(given), items],
    ['map', map(given), fc.dictionary(fc.string(), fc.string(), { noNullPrototype: false })],
    ['duration', duration(given), fc.nat()],
    ['bytes', bytes(given), fc.nat()],
  ])('%s', (_, { kind }, values) => {
    fc.assert(fc.property(values, (value) => expect(kind.parse(kind.format(value))).toEqual(value)))
  })
})
