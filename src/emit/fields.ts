import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import type { Input } from '../spec/kind.ts'
import { type Output, outputPath } from '../spec/output.ts'

/** An input under its public name. */
export interface InputField {
  readonly name: string
  readonly input: Input
}

/** An output under its public name. */
export interface OutputField {
  readonly name: string
  readonly output: Output
}

/** In the order in which they are declared. */
export function inputFields(definition: Definition): readonly InputField[] {
  return Object.entries(definition.inputs).map(([name, input]) => ({ name: kebab(name), input }))
}

export function outputFields(definition: Definition): readonly OutputField[] {
  return Object.entries(definition.outputs).map(([name, output]) => ({ name: kebab(name), output }))
}

export function isSecret({ input }: InputField): boolean {
  return input.kind.name === 'secret'
}

export function hasSecret(definition: Definition): boolean {
  return inputFields(definition).some(isSecret)
}

/** A task that looks at Docker's configuration talks to registries, and may need credentials for them. */
export function usesRegistry({ environment = [] }: Definition): boolean {
  return environment.includes('DOCKER_CONFIG')
}

/** The default as text, which the input's kind reads back; undefined when there is none that is always the same. */
export function constantDefault({ input }: InputField): string | undefined {
  return input.options.default === undefined ? undefined : input.kind.format(input.options.default)
}

/** For people, on hosts that have one line for an input: what it is, what it takes, what stands in for it. */
export function describeInput({ input }: InputField, expected = input.kind.expected): string {
  const { summary, example, from } = input.options
  return [
    sentence(summary),
    `Expected: ${expected}.`,
    ...(from === undefined ? [] : [`When empty: ${from} of the release record.`]),
    ...(example === undefined ? [] : [`Example: ${example}`]),
  ].join(' ')
}

/** For people: what it is and, where the value is a digest of a file, where that is. */
export function describeOutput({ name: task }: Definition, { name, output }: OutputField): string {
  if (output.kind !== 'file') return output.summary
  return `${sentence(output.summary)} The digest of ${outputPath(task, name)} in the workspace.`
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
