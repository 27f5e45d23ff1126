import * as v from 'valibot'
import { parsePurl } from '../sbom/read/parse-purl.ts'
import { justifications } from '../vex/schema.ts'
import { exceptionsInvalid } from './errors.ts'
import type { Exception } from './exception.ts'
import { readYaml } from './yaml.ts'

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000))
const stated = v.strictObject({
  status: v.pipe(
    v.picklist(['not_affected', 'affected', 'under_investigation']),
    v.description('What the image has to do with the vulnerability.'),
  ),
  justification: v.optional(v.pipe(v.picklist(justifications), v.description('Why it is not affected.'))),
  impact: v.optional(v.pipe(text, v.description('Why it is not affected, in words.'))),
  action: v.optional(v.pipe(text, v.description('What to do about it, where it is affected.'))),
})
const exception = v.strictObject({
  id: v.optional(v.pipe(text, v.description('A name of the vulnerability, any of its aliases.'))),
  license: v.optional(v.pipe(text, v.description('In place of `id`: a licence as the report names it, or unknown.'))),
  package: v.optional(
    v.pipe(
      text,
      v.startsWith('pkg:'),
      v.check((purl) => parsePurl(purl) !== undefined, 'expected a package URL'),
      v.description('Only of this package: its URL, with a version or without.'),
    ),
  ),
  path: v.optional(v.pipe(text, v.description('Only at this path of the image, or below it; * stands for a part of a name, ** for any.'))),
  reason: v.pipe(text, v.description('Why it may stay.')),
  owner: v.pipe(text, v.description('Who answers for it.')),
  expires: v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date, YYYY-MM-DD'),
    v.description('The last day on which it counts, UTC.'),
  ),
  vex: v.optional(
    v.pipe(stated, v.description('What goes into the output `vex`; without it the exception is an accepted risk, and does not.')),
  ),
})

/** The most exceptions that files have together. */
export const mostExceptions = 5000

/** Findings that may stay for a while, as their file has them. */
export const exceptionsSchema = v.strictObject({
  exceptions: v.optional(v.nullable(v.pipe(v.array(exception), v.maxLength(mostExceptions))), []),
})

/** Reads a file of exceptions, YAML or JSON; `where` names it. @throws SW-GATE-EXCEPTIONS */
export function parseExceptions(content: string, where: string): readonly Exception[] {
  const parsed = v.safeParse(exceptionsSchema, readYaml(content, where, exceptionsInvalid), { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw exceptionsInvalid(`${where}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}.`)
  }
  return (parsed.output.exceptions ?? []).map((one, at) => exceptionOf(one, `${where}, exception ${at + 1}`))
}

function exceptionOf(given: v.InferOutput<typeof exception>, origin: string): Exception {
  const { id, license, package: purl, path, reason, owner, expires, vex } = given
  if ((id === undefined) === (license === undefined))
    throw exceptionsInvalid(
      `${origin} has ${id === undefined ? 'neither `id` nor `license`' : 'both `id` and `license`'}, expected one of them.`,
    )
  if (vex !== undefined) requireWhole(vex, origin)
  return {
    ...(id === undefined ? {} : { id }),
    ...(license === undefined ? {} : { license }),
    packages: purl === undefined ? [] : [{ purl }],
    paths: path === undefined ? [] : [path],
    ...{ reason, owner, expires, origin, ends: dayAfter(expires, origin) },
    ...(vex === undefined ? {} : { vex }),
  }
}

/** The end of a day, UTC, milliseconds since 1970. @throws SW-GATE-EXCEPTIONS where there is no such day */
export function dayAfter(day: string, origin: string): number {
  const start = Date.parse(`${day}T00:00:00Z`)
  if (Number.isFinite(start) && new Date(start).toISOString().slice(0, 10) === day) return start + 86_400_000
  throw exceptionsInvalid(`${origin} expires on ${day}, which is no day.`)
}

function requireWhole({ status, justification, impact, action }: v.InferOutput<typeof stated>, origin: string): void {
  const why = {
    not_affected: justification === undefined && impact === undefined ? '`justification` or `impact`' : undefined,
    affected: action === undefined ? '`action`' : undefined,
    under_investigation: undefined,
  }[status]
  if (why !== undefined) throw exceptionsInvalid(`${origin}: vex says ${status}, expected ${why} with it.`)
}
