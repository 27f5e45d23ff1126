import { suggest } from '../base/suggest.ts'
import type { Task } from '../spec/execute.ts'
import { usage } from './errors.ts'

/** Words that are commands whatever tasks there are. */
const commands = ['run', 'resume', 'registry', 'keys', 'explain', 'help'] as const

/** The task of a name. @throws SW-USAGE */
export function taskNamed(name: string, tasks: readonly Task[]): Task {
  const task = tasks.find(({ definition }) => definition.name === name)
  if (task !== undefined) return task
  const names = tasks.map(({ definition }) => definition.name)
  const meant = suggest(name, [...commands, ...names])
  throw usage(`"${name}" is neither a command nor a task${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`, {
    hint: 'slipway --help',
  })
}
