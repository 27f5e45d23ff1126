import type { Definition } from '../spec/define.ts'
import type { Task } from '../spec/execute.ts'
import type { Raw } from '../spec/kind.ts'
import { parseInputs, type RawInputs } from '../spec/parse-inputs.ts'

/** A task with the inputs that it is given. */
export interface Step {
  readonly task: Task
  readonly inputs: RawInputs
}

/** Something that cannot be used: where it is given, whose it is, and why. */
export interface Fault {
  /** `line 3`, `--push.image`. */
  readonly where: string
  /** `push.image`, `push`. */
  readonly subject: string
  readonly what: string
}

/** A value on its way into a step. */
export interface Given {
  readonly where: string
  /** Public name. */
  readonly input: string
  readonly value: Raw
}

/** What is wrong with the values of one step. The record is not asked. */
export function stepFaults(definition: Definition, given: readonly Given[], where: string): Fault[] {
  const { faults } = parseInputs(definition, rawInputs(given))
  return faults.map(({ input, what }) => ({
    where: given.find((value) => value.input === input)?.where ?? where,
    subject: input === undefined ? definition.name : `${definition.name}.${input}`,
    what,
  }))
}

export function rawInputs(given: readonly Given[]): RawInputs {
  return new Map(given.map(({ input, value }) => [input, value]))
}
