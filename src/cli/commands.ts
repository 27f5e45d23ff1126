import { relative, resolve } from 'node:path'
import { kebab } from '../base/names.ts'
import { factsOrNothing } from '../io/files.ts'
import { runPipeline } from '../pipeline/run.ts'
import { runSingle } from '../pipeline/single.ts'
import type { Override } from '../pipeline/steps.ts'
import type { Task } from '../spec/execute.ts'
import type { RawInputs } from '../spec/parse-inputs.ts'
import { conduct, failures } from './conduct.ts'
import { usage } from './errors.ts'
import { type Flag, type FlagValue, flagOf, parseFlags } from './flags.ts'
import type { Machine } from './machine.ts'
import { modeFlags, modeOf } from './modes.ts'

const fileFlag: Flag = { name: 'file', kind: 'value' }
const signFlag: Flag = { name: 'sign', kind: 'switch' }

/** `slipway run [folder]`, `slipway resume [folder]` */
export async function runCommand(argv: readonly string[], machine: Machine, { resume }: { readonly resume: boolean }): Promise<number> {
  const { tasks, host, surroundings } = machine
  const flags = tasks.flatMap(({ definition: { name, inputs } }) =>
    Object.entries(inputs).map(([input, declared]) => flagOf(`${name}.${kebab(input)}`, declared)),
  )
  const command = resume ? 'slipway resume' : 'slipway run'
  const { values, positionals } = parseFlags(argv, [...modeFlags, fileFlag, signFlag, ...flags], { command, positionals: 1 })
  const [folder] = positionals
  const workspace = folder === undefined ? host.workspace : resolve(surroundings.workingFolder, folder)
  await requireFolder(workspace)
  const file = values.get(fileFlag.name)
  return conduct(machine, { workspace, shown: modeOf(values, host, machine.terminal) }, (session) =>
    runPipeline({
      session,
      tasks,
      file: typeof file === 'string' ? file : undefined,
      overrides: overridesOf(values),
      sign: values.get(signFlag.name) === 'true',
      resume,
      failures,
      asAction: false,
      folder: relative(surroundings.workingFolder, workspace),
    }),
  )
}

/** `slipway <task>` */
export async function taskCommand(argv: readonly string[], machine: Machine, task: Task): Promise<number> {
  const { definition } = task
  const { host, terminal } = machine
  const flags = Object.entries(definition.inputs).map(([name, input]) => flagOf(kebab(name), input))
  const { values } = parseFlags(argv, [...modeFlags, ...flags], { command: `slipway ${definition.name}`, positionals: 0 })
  const given = new Map([...values].filter(([name]) => flags.some((flag) => flag.name === name)))
  const inputs = (): RawInputs => new Map([...host.inputs(definition), ...plainValues(given, host.environment)])
  return conduct(machine, { workspace: host.workspace, shown: modeOf(values, host, terminal) }, (session) =>
    runSingle({ session, task, inputs, failures }),
  )
}

function overridesOf(values: ReadonlyMap<string, FlagValue>): Override[] {
  return [...values]
    .filter(([name]) => name.includes('.'))
    .map(([name, value]) => {
      const [task = '', input = ''] = name.split('.', 2)
      return { where: `--${name}`, task, input, value }
    })
}

/** Values with those of variables put in their place. @throws SW-USAGE */
export function plainValues(values: ReadonlyMap<string, FlagValue>, environment: Machine['host']['environment']): RawInputs {
  return new Map(
    [...values].map(([name, value]) => {
      if (typeof value === 'string' || !('env' in value)) return [name, value]
      const found = environment[value.env]
      if (found === undefined || found.trim() === '') {
        throw usage(`--${name}-from-env names the variable ${value.env}, which is ${found === undefined ? 'not set' : 'blank'}`)
      }
      return [name, found]
    }),
  )
}

/** @throws SW-USAGE for what is no folder */
export async function requireFolder(path: string): Promise<void> {
  const kind = (await factsOrNothing(path))?.kind
  if (kind === 'directory') return
  throw usage(`${path} ${kind === undefined ? 'does not exist' : 'is no folder'}, expected the folder to work in`, {
    hint: `ls -d '${path}'`,
  })
}
