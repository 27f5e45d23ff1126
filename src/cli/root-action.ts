import { resolve } from 'node:path'
import { kebab } from '../base/names.ts'
import { defaultFile } from '../pipeline/file.ts'
import { recordPath } from '../pipeline/record-file.ts'
import { root } from '../pipeline/root.ts'
import { runPipeline } from '../pipeline/run.ts'
import { runSingle } from '../pipeline/single.ts'
import type { Override } from '../pipeline/steps.ts'
import type { InputOf } from '../spec/define.ts'
import type { Task } from '../spec/execute.ts'
import { readInputs } from '../spec/inputs.ts'
import { emptyRecord } from '../spec/record/record.ts'
import { conduct, failures } from './conduct.ts'
import { usage } from './errors.ts'
import { taskNamed } from './find.ts'
import type { Machine } from './machine.ts'

const shown = { mode: 'plain', verbose: false } as const

/** The root action: a pipeline file, or one task by its name; `with` gives inputs. @throws SW-INPUT-INVALID */
export async function rootAction(machine: Machine): Promise<number> {
  const { host, tasks } = machine
  const input = readInputs(root, host.inputs(root), emptyRecord) as InputOf<typeof root>
  const workspace = resolve(host.workspace, input.workingDirectory)
  if (input.task !== undefined) return oneTask(taskNamed(input.task, tasks), { machine, workspace, given: input.with ?? {} })
  return conduct(machine, { workspace, shown }, (session) =>
    runPipeline({
      session,
      tasks,
      // The runner fills in the default: only another file must exist.
      file: input.pipeline === defaultFile ? undefined : input.pipeline,
      overrides: Object.entries(input.with ?? {}).map(overrideOf),
      sign: input.sign,
      resume: false,
      failures,
      asAction: true,
      folder: '',
    }),
  )
}

async function oneTask(
  task: Task,
  from: { machine: Machine; workspace: string; given: Readonly<Record<string, string>> },
): Promise<number> {
  const inputs = new Map(Object.entries(from.given))
  const extra = new Map([['record', recordPath]])
  return conduct(from.machine, { workspace: from.workspace, shown }, (session) =>
    runSingle({ session, task, inputs: () => inputs, failures, extraOutputs: extra }),
  )
}

function overrideOf([name, value]: [string, string]): Override {
  const dot = name.indexOf('.')
  if (dot > 0) return { where: `with ${name}`, task: name.slice(0, dot), input: name.slice(dot + 1), value }
  throw usage(`with has "${name}", expected the name of a task, a dot and the name of an input`, {
    hint: `write <task>.${name}=…, or name the task alone with \`${kebab('task')}\``,
  })
}
