import { describe, expect, test } from '@jest/globals'
import { defineError, messageOf, systemCode, TaskError } from './errors.ts'

const define = (fault: 'input' | 'policy' | 'environment' | 'tool' | 'remote', exit?: 5) =>
  defineError({ code: 'SW-SAMPLE', fault, title: 't', causes: ['c'], fix: 'f', ...(exit === undefined ? {} : { exit }) })

describe('an error kind', () => {
  test.each([
    ['input', {}, 2],
    ['policy', {}, 3],
    ['environment', {}, 4],
    ['tool', {}, 4],
    ['remote', {}, 4],
    ['remote', { retryable: true }, 6],
  ] as const)('of fault %s with %j exits %d', (fault, details, exit) => expect(define(fault)('m', details).exit).toBe(exit))

  test('may set its own exit code', () => expect(define('remote', 5)('m').exit).toBe(5))

  test('makes errors that know what they are', () => {
    const kind = define('remote')
    const cause = new Error('inner')
    const error = kind('what happened', { hint: 'do this', safe: 'nothing lost', cause })
    expect(error).toBeInstanceOf(TaskError)
    expect({ ...error, message: error.message, cause: error.cause }).toMatchObject({
      code: 'SW-SAMPLE',
      hint: 'do this',
      safe: 'nothing lost',
      cause,
    })
    expect([kind.is(error), kind.is(cause), kind.is(undefined)]).toEqual([true, false, false])
  })
})

test('anything thrown has a message, and a system code when it has one', () => {
  expect([messageOf(new Error('a')), messageOf('b'), messageOf(undefined)]).toEqual(['a', 'b', 'undefined'])
  expect([systemCode(Object.assign(new Error('x'), { code: 'ENOENT' })), systemCode(new Error('x')), systemCode('ENOENT')]).toEqual([
    'ENOENT',
    undefined,
    undefined,
  ])
})
