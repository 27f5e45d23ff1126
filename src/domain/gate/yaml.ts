import { CORE_SCHEMA, load } from 'js-yaml'
import { parse as parseToml, TomlDate } from 'smol-toml'
import { type ErrorKind, messageOf } from '../../base/errors.ts'

const mostDepth = 50

/** A YAML or JSON text as data, empty where it says nothing; `where` names it in the error of the kind that is given. */
export function readYaml(text: string, where: string, invalid: ErrorKind): object {
  if (text.split('\n').every((line) => /^\s*(?:#|$)/.test(line))) return {}
  return read(() => load(text, { schema: CORE_SCHEMA, maxDepth: mostDepth }), { what: 'YAML', where, invalid })
}

/** A TOML text as data; its dates are texts, as they stood. */
export function readToml(text: string, where: string, invalid: ErrorKind): object {
  return read(() => parseToml(text, { maxDepth: mostDepth }), { what: 'TOML', where, invalid })
}

/** The text of a TOML date or time, or of what YAML left a text; undefined for all else. */
export function dateText(value: unknown): string | undefined {
  if (value instanceof TomlDate) return value.toISOString()
  return typeof value === 'string' ? value : undefined
}

function read(
  parse: () => unknown,
  { what, where, invalid }: { readonly what: string; readonly where: string; readonly invalid: ErrorKind },
): object {
  let data: unknown
  try {
    data = parse()
  } catch (cause) {
    throw invalid(`${where} is no ${what}: ${messageOf(cause).slice(0, 500)}.`, { cause })
  }
  if (data === null) return {}
  if (typeof data !== 'object' || Array.isArray(data)) throw invalid(`${where} holds no keys with values.`)
  const name = inheritedName(data)
  if (name === undefined) return data
  throw invalid(`${where} has the key "${name}", which every object has: it is not read.`)
}

/** A schema cannot refuse names that it inherits. An alias makes one object stand in many places: each is looked at once. */
function inheritedName(data: unknown): string | undefined {
  const [seen, open] = [new Set<unknown>(), [data]]
  for (let one = open.pop(); open.length > 0 || one !== undefined; one = open.pop()) {
    if (typeof one !== 'object' || one === null || seen.has(one)) continue
    seen.add(one)
    const found = Array.isArray(one) ? undefined : Object.keys(one).find((key) => key in Object.prototype)
    if (found !== undefined) return found
    for (const value of Object.values(one)) open.push(value)
  }
  return undefined
}
