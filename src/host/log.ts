import { styleText } from 'node:util'
import type { Redactor } from '../base/redact.ts'
import { neutralise, neutraliseLine } from '../base/untrusted.ts'
import type { Fields, Log } from '../spec/ports.ts'
import type { Printer } from './printer.ts'
import type { Environment } from './process-environment.ts'

export interface LogOptions {
  readonly printer: Printer
  readonly redactor: Redactor
  readonly debug: boolean
  readonly colour?: boolean
  /** Where everything but info and the output of children goes. Default standard output, so that the order is kept. */
  readonly aside?: 'stdout' | 'stderr'
}

type Level = 'debug' | 'warn' | 'error'

const labels = { debug: 'debug: ', warn: 'warning: ', error: 'error: ' } as const
const colours = { debug: 'dim', warn: 'yellow', error: 'red' } as const

/** Plain lines: a constant message, then `name=value` fields. Nothing of what they hold reaches a terminal or runner as a command. */
export function createLog({ printer, redactor, debug, colour = false, aside = 'stdout' }: LogOptions): Log {
  const text = (message: string, fields?: Fields): string => neutraliseLine(redactor.redact(message)) + shownFields(fields, redactor)
  const print = (level: Level, message: string, fields?: Fields): void => {
    const line = labels[level] + text(message, fields)
    printer.line(colour ? styleText(colours[level], line, { validateStream: false }) : line, aside)
  }
  return {
    debug: (message, fields) => (debug ? print('debug', message, fields) : undefined),
    info: (message, fields) => printer.line(text(message, fields)),
    warn: (message, fields) => print('warn', message, fields),
    error: (message, fields) => print('error', message, fields),
    untrusted: (given) => printer.line(neutralise(redactor.redact(given)).replace(/\n$/, '')),
  }
}

/** Whether the user, or the runner's re-run with debug logging, asks for debug lines. */
export function wantsDebug(environment: Environment): boolean {
  return environment['SLIPWAY_DEBUG'] === '1' || environment['RUNNER_DEBUG'] === '1'
}

function shownFields(fields: Fields | undefined, redactor: Redactor): string {
  const given = Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)
  const shown = given.map(([name, value]) => ` ${name}=${shownValue(redactor.redact(String(value)))}`).join('')
  return shown === '' ? '' : ` ${shown}`
}

function shownValue(value: string): string {
  return neutraliseLine(value === '' || /[\s"=]/.test(value) ? JSON.stringify(value) : value)
}
