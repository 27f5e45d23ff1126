import { describeUnknown } from '../base/suggest.ts'
import type { Node } from '../base/yaml.ts'
import type { Definition } from '../spec/define.ts'
import type { Task } from '../spec/execute.ts'
import type { Raw } from '../spec/kind.ts'
import { describeUnknownInput, inputOf } from '../spec/parse-inputs.ts'
import type { Item } from './items.ts'
import { type Fault, type Given, rawInputs, type Step, stepFaults } from './step.ts'
import { type Environment, rawValue, Unusable, variableValue } from './values.ts'

/** A value from outside of the file, which goes before it: a flag, or a line of the root action's `with`. */
export interface Override {
  /** `--push.image` */
  readonly where: string
  readonly task: string
  /** Public name. */
  readonly input: string
  readonly value: Raw | { readonly env: string }
}

export interface StepsOptions {
  readonly tasks: readonly Task[]
  readonly environment: Environment
  readonly overrides: readonly Override[]
}

/** The steps of the items, with the overrides; everything that cannot be used is added to the faults. */
export function stepsOf(items: readonly Item[], options: StepsOptions, faults: Fault[]): Step[] {
  const known = options.tasks.map(({ definition }) => definition.name)
  for (const { where, task } of options.overrides) {
    if (items.some(({ name }) => name === task)) continue
    const what = known.includes(task) ? 'is not in this pipeline' : describeUnknown(task, { kind: 'a task', known })
    faults.push({ where, subject: task, what })
  }
  return items.flatMap((item) => {
    const task = options.tasks.find(({ definition }) => definition.name === item.name)
    if (task !== undefined) return [stepOf(task, item, { options, faults })]
    faults.push({ where: item.where, subject: item.name, what: describeUnknown(item.name, { kind: 'a task', known }) })
    return []
  })
}

function stepOf(task: Task, item: Item, { options, faults }: { options: StepsOptions; faults: Fault[] }): Step {
  const { definition } = task
  const given = new Map<string, Given>()
  const lost = new Set<string>()
  const take = (where: string, input: string, value: () => Raw | undefined): void => {
    try {
      const raw = value()
      if (raw !== undefined) given.set(input, { where, input, value: raw })
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      lost.add(input)
      faults.push({ where, subject: `${definition.name}.${input}`, what: error.message })
    }
  }
  for (const { name, where, node } of item.inputs)
    take(where, name, () => rawOf(definition, name, { node, environment: options.environment }))
  for (const { task: owner, where, input, value } of options.overrides) {
    if (owner === definition.name) take(where, input, () => (isVariable(value) ? variableValue(value.env, options.environment) : value))
  }
  const found = stepFaults(definition, [...given.values()], item.where)
  faults.push(...found.filter(({ subject }) => ![...lost].some((input) => subject === `${definition.name}.${input}`)))
  return { task, inputs: rawInputs([...given.values()]) }
}

/** An input that is not declared keeps its letters, to be refused with the others. */
function rawOf(definition: Definition, name: string, { node, environment }: { node: Node; environment: Environment }): Raw | undefined {
  const input = inputOf(definition, name)
  if (input !== undefined) return rawValue(input, node, environment)
  throw new Unusable(describeUnknownInput(definition, name))
}

function isVariable(value: Override['value']): value is { readonly env: string } {
  return typeof value === 'object' && 'env' in value
}
