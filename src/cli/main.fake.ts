import { githubHost } from '../host/github.ts'
import { localHost } from '../host/local.ts'
import { fakeSurroundings, fakeTasks, type Script, workspaceWith } from '../pipeline/road.fake.ts'
import { systemTiming } from '../report/reporter.ts'
import type { Machine } from './machine.ts'
import { main } from './main.ts'

export const image = 'registry.example/team/app'

export interface Given {
  readonly workspace?: string
  readonly script?: Script
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly github?: boolean
}

/** A machine whose output is kept, in a folder of its own. */
export function machineOf({ workspace = workspaceWith(), script = { ran: [] }, environment = {}, signal, github = false }: Given) {
  const surroundings = fakeSurroundings({ workingFolder: workspace, environment })
  const machine: Machine = {
    surroundings,
    host: github ? githubHost(surroundings) : localHost(surroundings),
    terminal: { size: () => undefined, movable: false, color: false, unicode: true },
    timing: systemTiming,
    tasks: fakeTasks(script),
    bundles: '/nowhere',
    stopOnSignals: () => ({ signal: signal ?? new AbortController().signal, release: () => undefined }),
  }
  return { machine, written: surroundings.written, script, workspace }
}

/** Runs the command with flags; gives its exit code, what it wrote and what ran. */
export async function slipway(argv: readonly string[], given: Given = {}) {
  const { machine, written, script, workspace } = machineOf(given)
  return { exit: await main(argv, machine), ...written, ran: script.ran, workspace }
}
