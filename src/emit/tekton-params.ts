import type { Definition } from '../spec/define.ts'
import type { KindName } from '../spec/kind.ts'
import { constantDefault, describeInput, type InputField, inputFields, isSecret } from './fields.ts'
import type { YamlMap } from './yaml.ts'

/** A parameter of a Task, StepAction or Pipeline. Without a default the run must give it. */
export type Param = YamlMap & {
  readonly name: string
  readonly type: 'string' | 'array'
  readonly description: string
  readonly default?: string | readonly string[]
}

/** The parameters that carry the inputs; inputs named in `skip` (as declared) have none. */
export function inputParams(definition: Definition, skip: readonly string[] = []): readonly Param[] {
  const declared = Object.keys(definition.inputs)
  return inputFields(definition)
    .filter((_, place) => !skip.includes(declared[place] ?? ''))
    .flatMap((field) => (isSecret(field) ? secretParams(definition, field) : [valueParam(field)]))
}

/** @throws for two names that differ in case at most: they would share a variable, and not every release of Tekton takes them */
export function distinctParams(definition: Definition, params: readonly Param[]): readonly Param[] {
  const names = params.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw new Error(`${definition.name}: the parameter ${twice} is needed twice; rename the input of that name`)
  return params
}

/** An array parameter as the whole element of `args` or `command` that it must be. */
export function spread(name: string): string {
  return `$(params.${name}[*])`
}

/** Values never pass through a parameter: they would stay readable in the TaskRun. The parameters say where to find them. */
function secretParams(definition: Definition, field: InputField): readonly Param[] {
  const [secret, key] = secretParamNames(field.name)
  return [
    {
      name: secret,
      type: 'string',
      description: `Name of the Secret that holds \`${field.name}\`. ${field.input.options.summary} A Secret or key that does not exist counts as unset.`,
      default: `slipway-${definition.name}`,
    },
    { name: key, type: 'string', description: `Key of \`${field.name}\` in that Secret.`, default: field.name },
  ]
}

/** The names of the two parameters that say where a secret input is kept. */
export function secretParamNames(name: string): readonly [secret: string, key: string] {
  return [`${name}-secret`, `${name}-key`]
}

function valueParam(field: InputField): Param {
  const { kind, options } = field.input
  const { tekton: type } = kind.hosts
  const description = type === 'array' ? describeInput(field, arrayOf(kind.name)) : describeInput(field)
  if (options.required === true) return { name: field.name, type, description }
  return { name: field.name, type, description, default: type === 'array' ? items(options.default) : (constantDefault(field) ?? '') }
}

function arrayOf(kind: KindName): string {
  return kind === 'map' ? 'an array of name=value' : 'an array'
}

/** The items of a list, or of a map as `name=value`: an array parameter holds neither JSON nor separators. */
function items(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value) ? value.map(String) : Object.entries(value).map(([name, entry]) => `${name}=${entry}`)
}
