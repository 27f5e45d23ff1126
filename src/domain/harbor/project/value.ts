import type { Value } from './kind.ts'

/** Whether two values are the same, whatever the order of their keys. */
export function isEqual(a: Value | undefined, b: Value | undefined): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))
}

/** What is there once the wanted is made: of a map what is not named stays. */
export function merged(before: Value | undefined, wanted: Value): Value {
  return isMap(before) && isMap(wanted) ? { ...before, ...wanted } : wanted
}

export function isMap(value: Value | undefined): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ordered(value: Value | undefined): Value | undefined {
  if (Array.isArray(value)) return value.map((item) => ordered(item) ?? null)
  if (!isMap(value)) return value
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(names.map((name) => [name, ordered(value[name]) ?? null]))
}

/** A map without what is not said. */
export function definedOf(value: Readonly<Record<string, Value | undefined>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(value).flatMap(([name, part]) => (part === undefined ? [] : [[name, part] as const])))
}

/** A map without its empty texts. */
export function filled(value: Value): Value {
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== ''))
}
