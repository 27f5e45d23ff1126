import type { Entry, Node } from '../base/yaml.ts'
import type { Input, Raw } from '../spec/kind.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A value that the file cannot give; continues a sentence about the input. */
export class Unusable extends Error {
  override readonly name = 'Unusable'
}

/**
 * What the file gives for an input: undefined for an empty value. `{ env: NAME }` is the variable's value, anywhere but as
 * the whole of a map, where it is an entry called `env`. @throws Unusable
 */
export function rawValue({ kind }: Input, node: Node, environment: Environment): Raw | undefined {
  const variable = kind.name === 'map' ? undefined : variableOf(node)
  if (variable !== undefined) return variableValue(variable, environment)
  if (node.kind === 'scalar' && node.empty) return undefined
  if (kind.name === 'secret')
    throw new Unusable('is a secret, and a file is no place for one; write { env: NAME } to take it from a variable')
  if (node.kind === 'scalar') return node.text
  if (node.kind === 'list') return node.items.map((item) => single(item, environment))
  if (kind.name !== 'map') throw new Unusable(`is a map, expected ${kind.expected}`)
  return JSON.stringify(Object.fromEntries(node.entries.map((entry) => [entry.name, single(entry.value, environment)])))
}

/** The value of a variable; a blank one is missing. @throws Unusable */
export function variableValue(variable: string, environment: Environment): string {
  const value = environment[variable]
  if (value === undefined) throw new Unusable(`comes from the variable ${variable}, which is not set`)
  if (value.trim() === '') throw new Unusable(`comes from the variable ${variable}, which is blank`)
  return value
}

function single(node: Node, environment: Environment): string {
  const variable = variableOf(node)
  if (variable !== undefined) return variableValue(variable, environment)
  if (node.kind === 'scalar') return node.text
  throw new Unusable(`holds a ${node.kind} on line ${node.line}, expected single values; quote a text that looks like one`)
}

function variableOf(node: Node): string | undefined {
  const [first, second]: readonly (Entry | undefined)[] = node.kind === 'map' ? node.entries : []
  return first?.name === 'env' && second === undefined && first.value.kind === 'scalar' ? first.value.text : undefined
}
