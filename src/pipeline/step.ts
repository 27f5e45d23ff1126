import { kebab } from '../base/names.ts'
import { suggest } from '../base/suggest.ts'
import type { Definition } from '../spec/define.ts'
import type { Task } from '../spec/execute.ts'
import type { RawInputs } from '../spec/inputs.ts'
import { type Input, Misfit, type Raw } from '../spec/kind.ts'
import { describeRule, holds } from '../spec/rules.ts'

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

/** `is not a task; did you mean `build`?` */
export function unknown(name: string, { kind, known }: { readonly kind: string; readonly known: readonly string[] }): string {
  const meant = suggest(name, known)
  return `is not ${kind}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`
}

/** The declared input of a public name. */
export function inputOf(definition: Definition, name: string): Input | undefined {
  return Object.entries(definition.inputs).find(([input]) => kebab(input) === name)?.[1]
}

export function inputNames(definition: Definition): string[] {
  return Object.keys(definition.inputs).map(kebab)
}

/** What is wrong with the values of one step: names, forms, what is required, rules. The record is not asked. */
export function stepFaults(definition: Definition, given: readonly Given[], where: string): Fault[] {
  const names = new Set(given.map(({ input }) => input))
  const required = Object.entries(definition.inputs).filter(([name, { options }]) => options.required === true && !names.has(kebab(name)))
  const broken = (definition.rules ?? []).filter((rule) => !holds(rule, (name) => names.has(kebab(name))))
  return [
    ...given.flatMap((value) => valueFault(definition, value)),
    ...required.map(([name, { kind }]) => ({
      where,
      subject: `${definition.name}.${kebab(name)}`,
      what: `is required, expected ${kind.expected}`,
    })),
    ...broken.map((rule) => ({ where, subject: definition.name, what: describeRule(rule, kebab) })),
  ]
}

function valueFault(definition: Definition, { where, input: name, value }: Given): Fault[] {
  const subject = `${definition.name}.${name}`
  const input = inputOf(definition, name)
  if (input === undefined)
    return [{ where, subject, what: unknown(name, { kind: `an input of ${definition.name}`, known: inputNames(definition) }) }]
  try {
    input.kind.parse(value)
    return []
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return [{ where, subject, what: `${input.kind.name === 'secret' ? '' : `"${shown(value)}" `}${error.message}` }]
  }
}

function shown(value: Raw): string {
  const text = typeof value === 'string' ? value : value.join(', ')
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
