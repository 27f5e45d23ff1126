import { describe, expect, it } from '@jest/globals'
import { type Definition, defineTask } from '../spec/define.ts'
import type { Section } from '../spec/record/record.ts'
import { inOrder } from './order.ts'

const task = (name: string, reads: readonly Section[], writes: readonly Section[]): Definition =>
  defineTask({ name, summary: '', reads, writes, inputs: {}, outputs: {}, errors: [] })
const order = (...tasks: readonly Definition[]): readonly string[] => inOrder(tasks).map(({ name }) => name)

it('keeps the given order where nothing speaks against it', () => {
  expect(order(task('b', [], ['tests']), task('a', [], ['subject']))).toEqual(['b', 'a'])
})

it('puts a task behind all that write what it reads', () => {
  const push = task('push', ['subject', 'tests'], ['pushes'])
  expect(order(push, task('test', [], ['tests']), task('build', ['tests'], ['subject']))).toEqual(['test', 'build', 'push'])
})

it('takes a task that reads what it writes itself', () => {
  expect(order(task('a', ['tests'], ['tests']))).toEqual(['a'])
})

describe('a task that works on what another has written, by a value that the road decides', () => {
  const push = task('push', ['subject', 'findings'], ['pushes'])
  const scan: Definition = { ...task('scan', ['subject'], ['findings']), behind: [{ input: 'source', has: 'harbor', section: 'pushes' }] }
  const sign = task('sign', ['pushes', 'findings'], ['signatures'])

  it.each([
    ['comes behind that one, though that would read of it', 'harbor', ['push', 'scan', 'sign']],
    ['comes before, as everywhere, by any other', 'osv', ['scan', 'push', 'sign']],
  ])('%s', (_, value, expected) => {
    const decided = { scan: { source: { value } } }
    expect(inOrder([scan, push, sign], decided).map(({ name }) => name)).toEqual(expected)
  })
})

it('refuses tasks that wait for one another', () => {
  expect(() => order(task('a', ['tests'], ['subject']), task('b', ['subject'], ['tests']))).toThrow(
    'a and b each read what the other writes',
  )
})
