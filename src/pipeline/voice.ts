import type { Redactor } from '../base/redact.ts'
import type { Fact } from '../report/events.ts'
import type { Host } from '../spec/host.ts'
import type { Fields, Log, Progress } from '../spec/ports.ts'

export interface Voice {
  readonly log: Log
  readonly progress: Progress
}

export interface VoiceOptions {
  readonly host: Pick<Host, 'log'>
  /** Whether messages go to the host's log as well. */
  readonly hostLog: boolean
  readonly emit: (fact: Fact) => void
}

/** What a task says, as events. The owner is asked each time, for connections outlive the task that opened them. */
export function voiceOf(owner: () => string | undefined, { host, hostLog, emit }: VoiceOptions): Voice {
  const tell =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Fields): void => {
      if (hostLog) host.log[level](message, fields)
      emit({ type: 'log', ...owned(owner()), level, message, ...(fields === undefined ? {} : { fields: defined(fields) }) })
    }
  return {
    log: {
      debug: tell('debug'),
      info: tell('info'),
      warn: tell('warn'),
      error: tell('error'),
      untrusted(text) {
        if (hostLog) host.log.untrusted(text)
        emit({ type: 'log', ...owned(owner()), level: 'output', message: text })
      },
    },
    progress: {
      doing(doing, part) {
        const task = owner()
        if (task !== undefined) emit({ type: 'progress', task, doing, ...(part === undefined ? {} : { part }) })
      },
    },
  }
}

/** The value with secrets hidden in every text: before anything is cut to fit a line, for half a secret is not recognised. */
export function redacted<T>(value: T, redactor: Redactor): T {
  if (typeof value === 'string') return redactor.redact(value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, redactor)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name, redacted(item, redactor)])) as T
}

/** Without the entries that are undefined. */
export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}

function owned(task: string | undefined): { readonly task?: string } {
  return task === undefined ? {} : { task }
}
