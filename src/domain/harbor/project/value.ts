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
