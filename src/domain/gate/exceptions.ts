import * as v from 'valibot'
import type { Finding } from '../findings/finding.ts'
import { exceptionsInvalid } from './errors.ts'
import { readYaml } from './yaml.ts'

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000))
const exception = v.strictObject({
  id: v.pipe(text, v.description('A name of the vulnerability, any of its aliases.')),
  package: v.optional(v.pipe(text, v.startsWith('pkg:'), v.description('Only of this package: its URL, with a version or without.'))),
  path: v.optional(v.pipe(text, v.description('Only at this path of the image, or below it.'))),
  reason: v.pipe(text, v.description('Why it may stay.')),
  owner: v.pipe(text, v.description('Who answers for it.')),
  expires: v.pipe(v.string(), v.isoDate('expected a date, YYYY-MM-DD'), v.description('The last day on which it counts, UTC.')),
})

/** Findings that may stay for a while, as their file has them. */
export const exceptionsSchema = v.strictObject({ exceptions: v.optional(v.nullable(v.pipe(v.array(exception), v.maxLength(5000))), []) })

export type Exception = v.InferOutput<typeof exception>
export type ExceptionsDocument = readonly Exception[]

/** Reads a file of exceptions, YAML or JSON; `where` names it. @throws SW-GATE-EXCEPTIONS */
export function parseExceptions(content: string, where: string): ExceptionsDocument {
  const parsed = v.safeParse(exceptionsSchema, readYaml(content, where, exceptionsInvalid) ?? {})
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw exceptionsInvalid(`${where}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}.`)
  }
  const exceptions = parsed.output.exceptions ?? []
  const impossible = exceptions.find(({ expires }) => new Date(expires).toISOString().slice(0, 10) !== expires)
  if (impossible === undefined) return exceptions
  throw exceptionsInvalid(`${where}: the exception of ${impossible.id} expires on ${impossible.expires}, which is no day.`)
}

/** Whether an exception is about a finding: by any name, and within its scope. */
export function isAbout({ id, package: scope, path }: Exception, finding: Finding): boolean {
  if (![finding.id, ...finding.aliases].includes(id)) return false
  if (scope !== undefined && finding.purl !== scope && finding.purl.replace(/@[^@/]*$/, '') !== scope) return false
  if (path === undefined) return true
  const root = path.replace(/^\/+|\/+$/g, '')
  // Every place must be within the scope: the same package elsewhere is not excused.
  return finding.locations.length > 0 && finding.locations.every((one) => one.path === root || one.path.startsWith(`${root}/`))
}

/** The first moment, in milliseconds since 1970, at which an exception counts no more. */
export function endOf({ expires }: Exception): number {
  return Date.parse(`${expires}T00:00:00Z`) + 86_400_000
}
