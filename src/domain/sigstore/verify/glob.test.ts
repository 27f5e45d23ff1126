import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isLike } from './glob.ts'

test.each([
  ['refs/heads/main', 'refs/heads/main', true],
  ['refs/heads/main-evil', 'refs/heads/main', false],
  ['refs/heads/main', 'refs/heads/m.in', false],
  ['refs/tags/v1.2.3', 'refs/tags/v*', true],
  ['refs/tags/v1/evil', 'refs/tags/v*', false],
  ['refs/tags/v1/evil', 'refs/tags/v**', true],
  ['evil/refs/tags/v1', 'refs/tags/v*', false],
  ['refs/tags/', 'refs/tags/*', true],
  ['', '', true],
  ['', '*', true],
  ['a', '', false],
  ['release/1.0', 'release/*.*', true],
])('%j is like %j: %s', (text, pattern, expected) => expect(isLike(text, pattern)).toBe(expected))

test('a text without stars is like itself and nothing else', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => isLike(a, b.replaceAll('*', '')) === (a === b.replaceAll('*', ''))))
})

test('many stars take no more than their product', () => {
  expect(isLike('a'.repeat(2000), `${'*a'.repeat(200)}b`)).toBe(false)
})
