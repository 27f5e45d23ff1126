import { messageOf } from '../base/errors.ts'
import { execute, type Task } from '../spec/execute.ts'
import { inputOf } from '../spec/parse-inputs.ts'
import type { ReleaseRecord, Section } from '../spec/record/record.ts'
import { isBehind } from './order.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

interface Asking {
  readonly session: Pick<Session, 'ports'>
  readonly tasks: readonly Task[]
  readonly record: ReleaseRecord
}

/**
 * Asks for each step, by the task that precedes its section, whether it could be done: with the step's own inputs, and before anything is
 * built. A road that has such a task asks for itself. Throws what that task fails with first; what it fails with for other steps is told.
 */
export async function preflight(steps: readonly Step[], { session, tasks, record }: Asking): Promise<void> {
  const failures: unknown[] = []
  for (const asking of tasks) {
    const { precedes, name } = asking.definition
    if (precedes === undefined || steps.some(({ task }) => task.definition.name === name)) continue
    for (const step of steps.filter(({ task }) => task.definition.writes.includes(precedes))) {
      const { failure, headline, summary } = await execute(asking, {
        inputs: inputsFor(asking, step, steps),
        record,
        ports: session.ports(name),
      })
      const { log } = session.ports(name)
      // One that had nothing to ask has nothing to tell.
      if (failure === undefined) log[summary.length === 0 ? 'debug' : 'info'](headline ?? name)
      else if (failures.push(failure) > 1) log.error(messageOf(failure))
    }
  }
  if (failures.length > 0) throw failures[0]
}

/** With `scan` where a later step wants what is written there scanned. */
function inputsFor({ definition }: Task, step: Step, steps: readonly Step[]): Step['inputs'] {
  const inputs = new Map([...step.inputs].filter(([name]) => inputOf(definition, name) !== undefined))
  const sections: readonly Section[] = definition.precedes === undefined ? [] : [definition.precedes]
  if (inputOf(definition, 'scan') !== undefined && steps.some((one) => isBehind(one, sections))) inputs.set('scan', 'true')
  return inputs
}
