import { describe, expect, it } from '@jest/globals'
import { defineError } from '../base/errors.ts'
import { docsErrors } from './docs-errors.ts'
import { section, table } from './markdown.ts'

const kind = (title: string, more: { readonly exit?: 5; readonly transient?: true } = {}): ReturnType<typeof defineError> =>
  defineError({ code: 'SW-SAMPLE', fault: 'remote', title, causes: ['Because.'], fix: 'Mend it.', ...more })

describe('the page of errors', () => {
  it('takes a kind that several tasks list once', () => {
    const same = kind('It failed.')
    expect(docsErrors([same, same], 'x')[0]?.content.match(/^## /gm)).toHaveLength(1)
  })

  it('refuses two kinds of one code', () => {
    expect(() => docsErrors([kind('One.'), kind('Other.')], 'x')).toThrow('two errors have the code SW-SAMPLE: "One." and "Other."')
  })

  it.each([
    [kind('x'), 'Exit code 4.'],
    [kind('x', { transient: true }), 'Exit code 4, or 6 where the same may succeed later.'],
    [kind('x', { exit: 5, transient: true }), 'Exit code 5.'],
  ])('names the exit code', (error, line) => {
    expect(docsErrors([error], 'x')[0]?.content).toContain(line)
  })
})

describe('a table', () => {
  it('keeps a cell in its cell', () => {
    expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |\n')
  })

  it.each([
    [table(['a'], []), ''],
    [section('## A', '', ''), ''],
    [section('## A', 'x\n', '', 'y\n'), '## A\n\nx\n\ny\n'],
  ])('is not there when it is empty', (got, expected) => {
    expect(got).toBe(expected)
  })
})
