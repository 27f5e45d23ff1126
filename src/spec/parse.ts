import { type Kind, type KindName, Misfit, type Raw } from './kind.ts'

/** A kind that is one text on every host, trimmed before it is read. */
export function scalarKind<T>(name: KindName, expected: string, read: (given: string) => T, format: (value: T) => string): Kind<T> {
  const parse = (raw: Raw): T => read(oneText(raw).trim())
  return { name, parse, format, expected, schema: { type: 'string' }, hosts: { tekton: 'string', gitlab: 'string' } }
}

/** A kind whose value is the text itself, every byte of it. */
export function textKind(name: KindName, expected: string, read: (given: string) => string): Kind<string> {
  return { ...scalarKind(name, expected, read, (value) => value), parse: (raw) => read(oneText(raw)) }
}

export function readBoolean(given: string): boolean {
  const word = given.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return true
  if (['false', 'no', 'off', '0'].includes(word)) return false
  throw new Misfit('is neither true nor false')
}

/** A JSON array of strings, or the trimmed parts between separators. */
export function readList(given: string, separator: RegExp): readonly string[] {
  if (given.trimStart().startsWith('[')) {
    const items = readJson(given)
    if (Array.isArray(items) && items.every((item) => typeof item === 'string')) return items
    throw new Misfit('begins like a JSON array but is not one of strings')
  }
  return given
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** A JSON object of strings, lines of `name=value`, or such items one by one. */
export function readMap(raw: Raw): Readonly<Record<string, string>> {
  if (typeof raw === 'string' && raw.trimStart().startsWith('{')) return readObject(raw)
  const lines = typeof raw === 'string' ? readList(raw, /\r?\n/) : raw
  const pairs = lines.map((line): [string, string] => {
    const equals = line.indexOf('=')
    if (equals <= 0) throw new Misfit(`has "${line}", which is not name=value`)
    return [line.slice(0, equals).trim(), line.slice(equals + 1)]
  })
  return distinct(pairs)
}

/** Turns a reader that answers undefined into one that throws. */
export function orMisfit<T>(read: (given: string) => T | undefined, expected: string): (given: string) => T {
  return (given) => {
    const value = read(given)
    if (value === undefined) throw new Misfit(`is not ${expected}`)
    return value
  }
}

/** Milliseconds in the largest unit that divides them: 90 000 is `90s`, 3 600 000 is `1h`. */
export function shortestDuration(milliseconds: number): string {
  const unit = (
    [
      ['d', 86_400_000],
      ['h', 3_600_000],
      ['m', 60_000],
      ['s', 1000],
    ] as const
  ).find(([, size]) => milliseconds > 0 && milliseconds % size === 0)
  return unit === undefined ? `${milliseconds}ms` : `${milliseconds / unit[1]}${unit[0]}`
}

function oneText(raw: Raw): string {
  if (typeof raw === 'string') return raw
  const [only, ...more] = raw
  if (only === undefined || more.length > 0) throw new Misfit(`is a list of ${raw.length}, expected one value`)
  return only
}

function readObject(given: string): Readonly<Record<string, string>> {
  const value = readJson(given)
  const pairs = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return distinct(
    pairs.map(([name, entry]): [string, string] => {
      if (typeof entry !== 'string') throw new Misfit(`has ${JSON.stringify(entry)} under "${name}", expected a string`)
      return [name, entry]
    }),
  )
}

function distinct(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const seen = new Set<string>()
  for (const [name] of pairs) {
    if (seen.has(name)) throw new Misfit(`names "${name}" twice`)
    seen.add(name)
  }
  // Without a prototype, a name such as __proto__ is a name like any other.
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(pairs))
}

function readJson(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    throw new Misfit('begins like JSON but is not')
  }
}
