import type { Surroundings } from '../host/process-environment.ts'
import type { Timing } from '../report/reporter.ts'
import type { Task } from '../spec/execute.ts'
import type { Host } from '../spec/host.ts'
import type { Terminal } from './terminal.ts'

/** All that a command needs from outside; tests pass fakes. */
export interface Machine {
  readonly surroundings: Surroundings
  readonly host: Host
  readonly terminal: Terminal
  readonly timing: Timing
  readonly tasks: readonly Task[]
  /** Where the bundle of a task is, as `<task>/index.js`. */
  readonly bundles: string
  /** Listens for signals until released; `print` says a line about it. */
  stopOnSignals(print: (line: string) => void): { readonly signal: AbortSignal; release(): void }
}
