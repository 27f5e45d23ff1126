import { describe, expect, it, test } from '@jest/globals'
import { defineError } from '../base/errors.ts'
import { errorBlock } from './error.ts'
import { exitLine, exitOf, failureOf } from './failure.ts'
import { lookOf } from './look.ts'

const definition = { title: 'It failed.', causes: ['Bad luck.'], fix: 'Try another day.' }
const bug = defineError({ ...definition, code: 'SW-BUG', fault: 'tool', exit: 1, fix: 'Send it.' })
const full = defineError({ ...definition, code: 'SW-FULL', fault: 'environment' })
const failures = { kinds: [full], bug }
const look = lookOf({ color: false, unicode: true })
const block = (error: unknown, columns = 80): string => errorBlock(failureOf(error, failures), look, columns).join('\n')

describe('what is told about an error', () => {
  it('takes the fix of this very occurrence', () => {
    expect(block(full('The disk has 0 B left.', { hint: 'rm -r cache', safe: 'nothing was written' }))).toBe(
      [
        '  SW-FULL   environment',
        '  The disk has 0 B left.',
        '  fix   rm -r cache',
        '  safe  nothing was written',
        '  more  slipway explain SW-FULL',
      ].join('\n'),
    )
  })

  it('takes the general fix where there is no other', () => {
    expect(block(full('Full.'))).toContain('  fix   Try another day.')
  })

  it('wraps the message, and nothing that can be pasted', () => {
    const hint = `slipway push --image ${'x'.repeat(60)} --tags 1.0.0`
    const lines = block(full('a few words more than fit into one line', { hint }), 30).split('\n')
    expect(lines).toContain(`  fix   ${hint}`)
    expect(lines[1]).toBe('  a few words more than fit')
  })

  it('wraps a fix that is a sentence, and keeps a command in it whole', () => {
    const lines = (hint: string): string[] => block(full('Full.', { hint }), 40).split('\n').slice(2, -1)
    expect(lines('Use a credential with the right that the message names.')).toEqual([
      '  fix   Use a credential with the right',
      '        that the message names.',
    ])
    expect(lines('Log in before: `docker login registry.example.com`')).toEqual([
      '  fix   Log in before:',
      '        `docker login registry.example.com`',
    ])
  })

  it('shows a stack, with its causes, for a mistake of ours only', () => {
    const text = block(new TypeError('x is undefined', { cause: new Error('deeper') }))
    expect(text).toMatch(/^ {2}SW-BUG {3}a mistake in Slipway\n {2}x is undefined\n {4}at /)
    expect(text).toContain('caused by Error: deeper')
    expect(text).toContain('  fix   Send it.')
    expect(block(full('Full.', { cause: new Error('inner') }))).not.toContain('    at ')
  })

  it('lets no message act on the terminal or the runner', () => {
    expect(block(full('::error::x \u001b[2J ##[group]'))).not.toMatch(/^ *::|\u001b|##\[/m)
  })
})

describe('exit codes', () => {
  test.each([
    [undefined, 0],
    [new Error('x'), 1],
    ['thrown text', 1],
    [defineError({ ...definition, code: 'SW-A', fault: 'input' })('x'), 2],
    [defineError({ ...definition, code: 'SW-B', fault: 'policy' })('x'), 3],
    [defineError({ ...definition, code: 'SW-C', fault: 'environment' })('x'), 4],
    [defineError({ ...definition, code: 'SW-D', fault: 'remote' })('x'), 4],
    [defineError({ ...definition, code: 'SW-E', fault: 'remote', exit: 5 })('x'), 5],
    [defineError({ ...definition, code: 'SW-F', fault: 'remote' })('x', { retryable: true }), 6],
  ])('%s is %i', (error, code) => {
    expect(exitOf(error)).toBe(code)
  })

  test.each([1, 2, 3, 4, 5, 6, 130, 143])('%i has a meaning', (code) => {
    expect(exitLine(code)).toMatch(new RegExp(`^exit ${code}: .+`))
  })
})
