import { inputVariable, kebab, runnerInputVariable } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import type { Raw } from '../spec/kind.ts'
import type { Environment } from './process-environment.ts'

/**
 * The inputs given as variables, by public name, those that the task does not declare included.
 * `INPUT_IMAGE_REF` goes before `INPUT_IMAGE-REF`; a blank one gives way to the other.
 */
export function environmentInputs(definition: Definition, environment: Environment): Map<string, Raw> {
  const declared = new Map(Object.keys(definition.inputs).flatMap((name) => spellings(kebab(name))))
  const given = new Map<string, string>()
  for (const [variable, value] of inputVariables(environment)) {
    const name = declared.get(variable) ?? variable.slice('INPUT_'.length).toLowerCase().replaceAll('_', '-')
    const earlier = given.get(name)
    if (earlier === undefined || earlier.trim() === '') given.set(name, value)
  }
  return given
}

function spellings(name: string): [string, string][] {
  return [
    [inputVariable(name), name],
    [runnerInputVariable(name), name],
  ]
}

/** Without a dash first. */
function inputVariables(environment: Environment): [string, string][] {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => /^INPUT_./.test(entry[0]) && entry[1] !== undefined,
  )
  return entries.sort(([a], [b]) => Number(a.includes('-')) - Number(b.includes('-')))
}
