import type { Host } from '../../spec/host.ts'
import type { Environment } from '../process-environment.ts'
import { appendPair } from './command-files.ts'

/** Kept in the state of every run, so that the clean-up after it knows what it is: the runner starts the same file for both. */
const started = 'slipway-started'

/** What a run keeps for its clean-up, which the runner starts even when the run was killed. */
export function openState(environment: Environment): Pick<Host, 'remember' | 'remembered'> {
  const kept = new Map(
    Object.entries(environment).flatMap(([name, value]): [string, string][] =>
      name.startsWith('STATE_') && value !== undefined ? [[name.slice('STATE_'.length), value]] : [],
    ),
  )
  const cleaning = kept.delete(started)
  const remember = (name: string, value: string): void => appendPair(environment, 'GITHUB_STATE', [name, value])
  if (!cleaning && environment['GITHUB_STATE']) remember(started, 'true')
  return { remember, remembered: () => (cleaning ? kept : undefined) }
}
