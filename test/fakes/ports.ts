import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../src/io/fixtures/folder.ts'
import type { Annotation, Ports } from '../../src/spec/ports.ts'

const folder = temporaryFolder()

/** What a task did to the outside world during a test. */
export interface Recorded {
  readonly lines: string[]
  readonly annotations: Annotation[]
  readonly masked: string[]
}

/** Ports for a test: a real workspace in a temporary folder, a real clock, everything else recorded or refused. */
export function fakePorts(given: Partial<Ports> = {}): { readonly ports: Ports; readonly recorded: Recorded } {
  const recorded: Recorded = { lines: [], annotations: [], masked: [] }
  const workspace = given.files?.workspace ?? mkdtempSync(join(folder, 'workspace-'))
  const line =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      recorded.lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
    }
  const ports: Ports = {
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error'), untrusted: line('untrusted') },
    progress: { doing: () => undefined },
    http: { request: () => Promise.reject(new Error('this test has no network')) },
    process: { run: () => Promise.reject(new Error('this test runs no program')), find: () => Promise.resolve(undefined) },
    files: {
      workspace,
      state: join(workspace, '.slipway'),
      temporary: (prefix) => Promise.resolve(mkdtempSync(join(folder, `${prefix}-`))),
    },
    clock: { now: Date.now, sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) },
    signal: new AbortController().signal,
    identity: { token: () => Promise.reject(new Error('this test has no identity')) },
    secrets: { mask: (value) => void recorded.masked.push(value) },
    source: {},
    environment: {},
    annotate: (annotation) => void recorded.annotations.push(annotation),
    ...given,
  }
  return { ports, recorded }
}
