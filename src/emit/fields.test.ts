import { describe, expect, it } from '@jest/globals'
import { defineTask } from '../spec/define.ts'
import { choice, list, path, secret, text } from '../spec/kinds.ts'
import { constantDefault, describeInput, hasSecret, inputFields, usesRegistry } from './fields.ts'

const none = { name: 'sample', summary: 'A sample.', reads: [], writes: [], outputs: {}, errors: [] } as const

describe('describeInput', () => {
  it.each([
    [text({ required: true, summary: 'A text' }), 'A text. Expected: text.'],
    [choice(['a', 'b'], { default: 'a', summary: 'A choice.' }), 'A choice. Expected: one of a, b.'],
    [path({ from: 'subject.layout', summary: 'Which?' }), 'Which? Expected: a path. When empty: subject.layout of the release record.'],
    [text({ optional: true, summary: 'A text.', example: 'x y' }), 'A text. Expected: text. Example: x y'],
  ])('says what it is, what it takes and what stands in for it', (input, expected) => {
    expect(describeInput({ name: 'x', input })).toBe(expected)
  })
})

describe('constantDefault', () => {
  it.each([
    [text({ optional: true, summary: '' }), undefined],
    [path({ from: 'subject.layout', summary: '' }), undefined],
    [list({ default: ['a', 'b'], summary: '' }), '["a","b"]'],
  ])('is a text that the kind reads back', (input, expected) => {
    expect(constantDefault({ name: 'x', input })).toBe(expected)
  })
})

it('knows fields by their public names, in the order of the definition', () => {
  const task = defineTask({
    ...none,
    inputs: { zLast: text({ optional: true, summary: '' }), aFirst: text({ optional: true, summary: '' }) },
  })
  expect(inputFields(task).map(({ name }) => name)).toEqual(['z-last', 'a-first'])
})

it('derives from kinds, never from names, who has a secret', () => {
  const password = defineTask({ ...none, inputs: { password: text({ optional: true, summary: '' }) } })
  const key = defineTask({ ...none, inputs: { key: secret({ optional: true, summary: '' }) } })
  expect([password, key].map(hasSecret)).toEqual([false, true])
})

it('takes a task that looks at DOCKER_CONFIG for one that talks to registries', () => {
  const pull = defineTask({ ...none, inputs: {}, environment: ['HOME', 'DOCKER_CONFIG'] })
  expect([pull, defineTask({ ...none, inputs: {} })].map(usesRegistry)).toEqual([true, false])
})
