import type { Reporter, Screen, Timing } from '../report/reporter.ts'
import type { Host } from '../spec/host.ts'
import type { Flag, FlagValue } from './flags.ts'
import { screenOf, type Terminal } from './terminal.ts'

/** How a run is shown. */
export type Mode = 'tree' | 'plain' | 'json' | 'quiet'

export interface Shown {
  readonly mode: Mode
  /** Whether the output of programs is shown while a task goes well. */
  readonly verbose: boolean
}

/** The flags that every run takes, with what they do. */
export const modeFlags = [
  { name: 'json', kind: 'switch', summary: 'Write events, one JSON object a line (schemas/events.schema.json).' },
  { name: 'quiet', kind: 'switch', summary: 'Write the last reference and nothing else.' },
  { name: 'plain', kind: 'switch', summary: 'Write one line after the other, also on a terminal.' },
  { name: 'verbose', kind: 'switch', summary: 'Show all that tasks and their programs say, also when it goes well.' },
] as const satisfies readonly (Flag & { readonly summary: string })[]

/** The mode asked for, else the one that fits: a live tree for a person, plain lines for a log or a pipe. */
export function modeOf(values: ReadonlyMap<string, FlagValue>, { name }: Pick<Host, 'name'>, terminal: Terminal): Shown {
  const isOn = (flag: string): boolean => values.get(flag) === 'true'
  const asked = (['json', 'quiet', 'plain'] as const).find(isOn)
  const fitting = name === 'local' && terminal.movable ? 'tree' : 'plain'
  return { mode: asked ?? fitting, verbose: isOn('verbose') }
}

export interface ReporterOptions extends Shown {
  readonly host: Pick<Host, 'name' | 'write'>
  readonly terminal: Terminal
  readonly timing: Timing
  /** To standard error, redacted. */
  readonly writeError: (text: string) => void
}

/** The reporter of a mode; only its own code is loaded. */
export async function createReporter({ mode, verbose, host, terminal, timing, writeError }: ReporterOptions): Promise<Reporter> {
  const screen: Screen = screenOf(terminal, host.write)
  if (mode === 'tree') return new (await import('../report/tree.ts')).Tree(screen, timing, { verbose })
  if (mode === 'json') return new (await import('../report/json.ts')).Json(screen, timing)
  if (mode === 'quiet') return new (await import('../report/quiet.ts')).Quiet(screen, screenOf(terminal, writeError))
  const isLocal = host.name === 'local'
  return new (await import('../report/plain.ts')).Plain(screen, timing, { announce: isLocal, logs: isLocal })
}
