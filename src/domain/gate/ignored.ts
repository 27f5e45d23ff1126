import * as v from 'valibot'
import { exceptionsInvalid } from './errors.ts'
import type { PackageScope, Skipped } from './exception.ts'

/** What an entry of another tool's file means. Who answers for it and, mostly, how long it counts, such files do not say. */
export interface Entry {
  readonly origin: string
  readonly id?: string | undefined
  readonly license?: string | undefined
  readonly packages?: readonly PackageScope[] | undefined
  readonly paths?: readonly string[] | undefined
  readonly reason?: string | undefined
  readonly expires?: string | undefined
  readonly ends?: number | undefined
}

/** What is taken from a file of another tool. */
export interface Taken {
  readonly entries: readonly Entry[]
  readonly skipped: readonly Skipped[]
}

/** The content of a file by its schema. @throws SW-GATE-EXCEPTIONS */
export function takenFrom<S extends v.GenericSchema>(schema: S, data: unknown, where: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, data, { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw exceptionsInvalid(`${where}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}.`)
}

/** A moment that other tools read as "until then": a day, which is over when it begins, or a time. @throws SW-GATE-EXCEPTIONS */
export function until(given: string, origin: string): Pick<Entry, 'expires' | 'ends'> {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given)
  const isTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?$/.test(given)
  const zoned = isDay || /(?:Z|[+-]\d{2}:\d{2})$/.test(given) ? given : `${given}Z`
  const ends = isDay || isTime ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN
  // JavaScript takes 30 February for 2 March.
  const day = given.slice(0, 10)
  const start = Date.parse(`${day}T00:00:00Z`)
  if (Number.isFinite(ends) && Number.isFinite(start) && new Date(start).toISOString().slice(0, 10) === day) return { expires: given, ends }
  throw exceptionsInvalid(`${origin} expires on "${given.slice(0, 40)}", expected YYYY-MM-DD or a time, RFC 3339.`)
}

/** Why a path is not taken over: patterns here know `*` and `**` only, and one that is read otherwise would excuse something else. */
export function strangePath(paths: readonly string[]): string | undefined {
  const strange = paths.find((path) => /[?[\]{}!\\]/.test(path))
  return strange === undefined ? undefined : `the path "${strange.slice(0, 100)}" has signs of patterns other than * and **`
}
