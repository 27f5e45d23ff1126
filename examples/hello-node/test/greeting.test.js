import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { greeting } from '../src/greeting.js'

describe('greeting', () => {
  it('greets by name', () => assert.equal(greeting('sailor'), 'Hello, sailor!'))
  it('trims the name', () => assert.equal(greeting('  Ada '), 'Hello, Ada!'))
  it('keeps any script', () => assert.equal(greeting('Ærøskøbing 🚢'), 'Hello, Ærøskøbing 🚢!'))

  for (const [what, name] of [
    ['an empty name', ''],
    ['only spaces', '   '],
    ['a line break', 'a\nb'],
    ['an escape', '\u001b[31m'],
    ['65 characters', 'x'.repeat(65)],
  ])
    it(`refuses ${what}`, () => assert.equal(greeting(name), undefined))

  it('never lets a control character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => !/\p{Cc}/u.test(greeting(name) ?? '')))
  })
})
