import { writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { systemCode } from '../base/errors.ts'
import { hostUnwritable } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The process around us, as a host sees it: the only way to its variables, arguments and streams. */
export interface Surroundings {
  readonly environment: Environment
  /** Without the program and its script. */
  readonly argv: readonly string[]
  /** Absolute. */
  readonly workingFolder: string
  /** Absolute: where temporary files go unless the host knows better. */
  readonly temporary: string
  /** Whether a person reads standard output as it comes. */
  readonly terminal: boolean
  write(text: string, stream: 'stdout' | 'stderr'): void
  /** Milliseconds since 1970. */
  now(): number
  /** Called when the process ends for whatever reason but SIGKILL; must not wait for anything. */
  onExit(action: () => void): void
}

/** What the process was started with. Of its {@link processSurroundings} this takes no time: its streams are not opened. */
export function processBeginnings(): Pick<Surroundings, 'argv' | 'environment'> {
  return { environment: { ...process.env }, argv: process.argv.slice(2) }
}

/** The real surroundings, taken once: what changes in them later is not seen. */
export function processSurroundings(): Surroundings {
  const lose = watchOutput()
  return {
    ...processBeginnings(),
    workingFolder: process.cwd(),
    temporary: tmpdir(),
    terminal: process.stdout.isTTY === true,
    write(text, stream) {
      try {
        if (text !== '') process[stream].write(text)
      } catch (error) {
        // A file is written at once, and its error thrown.
        lose(error)
      }
    },
    now: Date.now,
    onExit: (action) => void process.once('exit', action),
  }
}

/**
 * A release is not left half done because its output goes nowhere: whoever read it has gone (`slipway run | head`), or the
 * disk of the log is full. The latter is told at the end, and fails the process.
 */
function watchOutput(): (error: unknown) => void {
  let lost: string | undefined
  const lose = (error: unknown): void => {
    const code = systemCode(error) ?? 'unknown error'
    if (code !== 'EPIPE') lost ??= code
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', lose)
  process.once('exit', () => {
    if (lost === undefined) return
    const { code, message, exit } = hostUnwritable(`A part of the output was lost: ${lost}.`)
    process.exitCode ||= exit
    try {
      writeSync(2, `${code}: ${message}\n`)
    } catch {
      // Nobody is left to be told.
    }
  })
  return lose
}
