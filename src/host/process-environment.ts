import { tmpdir } from 'node:os'

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

/** The real surroundings, taken once: what changes in them later is not seen. */
export function processSurroundings(): Surroundings {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedReader)
  return {
    environment: { ...process.env },
    argv: process.argv.slice(2),
    workingFolder: process.cwd(),
    temporary: tmpdir(),
    terminal: process.stdout.isTTY === true,
    write(text, stream) {
      if (text !== '') process[stream].write(text)
    },
    now: Date.now,
    onExit: (action) => void process.once('exit', action),
  }
}

/** Whoever read our output has gone (`slipway run | head`): a release is not left half done for that. */
function ignoreClosedReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
