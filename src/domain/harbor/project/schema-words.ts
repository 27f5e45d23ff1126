import type * as v from 'valibot'

/** The words that a schema knows at a path: the keys of an object, the options of a choice. For suggestions. */
export function wordsAt(schema: v.GenericSchema, path: readonly (string | number)[]): readonly string[] {
  const [part, ...rest] = path
  const inner = field(schema, 'wrapped')
  if (isSchema(inner)) return wordsAt(inner, path)
  const options = field(schema, 'options')
  if (Array.isArray(options) && options.some(isSchema)) return options.filter(isSchema).flatMap((option) => wordsAt(option, path))
  const entries = field(schema, 'entries')
  if (typeof entries === 'object' && entries !== null) {
    const below: unknown = part === undefined ? undefined : Reflect.get(entries, part)
    return part === undefined ? Object.keys(entries) : isSchema(below) ? wordsAt(below, rest) : []
  }
  if (part === undefined) return Array.isArray(options) ? options.map(String) : []
  const below = field(schema, 'value') ?? field(schema, 'item')
  return isSchema(below) ? wordsAt(below, rest) : []
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === 'object' && value !== null && field(value, 'kind') === 'schema'
}

function field(value: object, name: string): unknown {
  return Reflect.get(value, name)
}
