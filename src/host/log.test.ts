import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { LineReader, StepLog } from '../../test/models/runner/log.ts'
import { fakeSurroundings } from '../../test/models/surroundings.ts'
import { Redactor } from '../base/redact.ts'
import type { Log } from '../spec/ports.ts'
import { createLog, type LogOptions } from './log.ts'
import { Printer } from './printer.ts'

function setUp(options: Partial<LogOptions> = {}) {
  const around = fakeSurroundings()
  const redactor = new Redactor()
  const printer = new Printer(redactor, around)
  return { ...around, redactor, printer, log: createLog({ printer, redactor, debug: false, ...options }) }
}

describe('a log line', () => {
  test.each<[string, (log: Log) => void, string]>([
    [
      'has the message and its fields',
      (log) => log.info('pushed', { image: 'a/b', bytes: 3, gone: undefined, empty: '' }),
      'pushed  image=a/b bytes=3 empty=""\n',
    ],
    ['quotes what is not one word', (log) => log.warn('slow', { why: 'a "b"\nc' }), 'warning: slow  why="a \\"b\\"\\nc"\n'],
    ['names its level', (log) => log.error('no'), 'error: no\n'],
    ['for debugging is left out', (log) => log.debug('x'), ''],
    ['of another program keeps its lines', (log) => log.untrusted('a\tb\n\nc\n'), 'a\tb\n\nc\n'],
    ['of another program does not act on a terminal', (log) => log.untrusted('\u001b[2Ja\rb\u0007'), '␛[2Ja␍b␇\n'],
  ])('%s', (_, write, shown) => {
    const { log, stdout } = setUp()
    write(log)
    expect(stdout()).toBe(shown)
  })

  it('for debugging comes when asked for', () => {
    const { log, stdout } = setUp({ debug: true })
    log.debug('x', { a: 1 })
    expect(stdout()).toBe('debug: x  a=1\n')
  })
  it('may be coloured and go aside', () => {
    const { log, stderr } = setUp({ colour: true, aside: 'stderr' })
    log.warn('x')
    expect(stderr()).toBe('\u001b[33mwarning: x\u001b[39m\n')
  })
  it('begins on a line of its own', () => {
    const { log, printer, stdout } = setUp()
    printer.piece('10 %')
    log.info('done')
    expect(stdout()).toBe('10 %\ndone\n')
  })
  it('may have an empty line before it, never two', () => {
    const { log, printer, stdout } = setUp()
    printer.gap()
    log.info('one')
    printer.gap()
    printer.gap()
    printer.piece('two\n\n')
    printer.gap()
    printer.piece('three')
    printer.gap()
    expect(stdout()).toBe('one\n\ntwo\n\nthree\n\n')
  })
})

describe('secrets', () => {
  it.each(['s3cret/+?', Buffer.from('s3cret/+?').toString('base64'), encodeURIComponent('s3cret/+?')])('as %s show nowhere', (form) => {
    const { log, printer, redactor, stdout, exit } = setUp()
    redactor.add('s3cret/+?')
    log.info(form, { form })
    log.untrusted(`x ${form} y`)
    for (const character of form) printer.piece(character)
    exit()
    expect(stdout()).toBe('***  form=***\nx *** y\n***')
  })
  it('are hidden before control characters in them are made visible', () => {
    const { log, redactor, stdout } = setUp()
    redactor.add('::pass\u0001word')
    log.untrusted('::pass\u0001word')
    expect(stdout()).toBe('***\n')
  })
  it('may be told in a command', () => {
    const { printer, redactor, stdout } = setUp()
    redactor.add('s3cret')
    printer.piece('s3c')
    printer.command('::add-mask::s3cret')
    expect(stdout()).toBe('s3c\n::add-mask::s3cret\n')
  })
})

describe('whatever another program prints', () => {
  const pieces = fc.constantFrom(
    '::',
    '##[',
    ']',
    ':',
    '#',
    '[',
    '\n',
    '\r',
    ' ',
    '\t',
    '\u200b',
    '\ufeff',
    '\u00a0',
    '\u2028',
    '\u0085',
    'error',
    'add-mask',
    'stop-commands',
    'set-env name=A',
    'x',
  )

  it('is no command to the runner', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const { log, stdout } = setUp()
        log.untrusted(parts.join(''))
        log.info('message', { field: parts.join('') })
        log.info(parts.join(''))
        const runner = new StepLog()
        const reader = new LineReader((line) => runner.take(line))
        reader.add(stdout())
        reader.end()
        expect(runner.commands).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })
})
