import * as v from 'valibot'
import { messageOf } from '../../base/errors.ts'
import type { Advisory, Affected, RawSeverity } from './advisory.ts'
import { advisoryInvalid } from './errors.ts'

const text = (longest: number): v.GenericSchema<string> => v.pipe(v.string(), v.maxLength(longest))
const name = text(1000)
const version = text(512)
const list = <S extends v.GenericSchema>(item: S, longest: number) => v.nullish(v.pipe(v.array(item), v.maxLength(longest)), [])
const severities = list(v.object({ type: name, score: name }), 50)
const words = v.nullish(v.object({ severity: v.optional(v.unknown()), urgency: v.optional(v.unknown()) }), {})
const range = v.object({
  type: name,
  events: v.pipe(
    v.array(
      v.object({
        introduced: v.optional(version),
        fixed: v.optional(version),
        last_affected: v.optional(version),
        limit: v.optional(version),
      }),
    ),
    v.maxLength(10_000),
  ),
})
const affected = v.object({
  package: v.optional(v.object({ ecosystem: name, name })),
  versions: list(version, 100_000),
  ranges: list(range, 1000),
  severity: severities,
  ecosystem_specific: words,
  database_specific: words,
})
const record = v.object({
  id: v.pipe(name, v.minLength(1)),
  modified: v.pipe(v.string(), v.isoTimestamp()),
  published: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  withdrawn: v.nullish(v.string()),
  aliases: list(name, 1000),
  upstream: list(name, 1000),
  summary: v.nullish(v.string(), ''),
  severity: severities,
  affected: list(affected, 10_000),
  database_specific: words,
})

/** Whether a scan wants to know of a package, as an advisory names it. */
export type Wants = (ecosystem: string, name: string) => boolean

/** A record by its identifier; without an advisory when it was withdrawn, or is about no package that is wanted. */
export interface ParsedRecord {
  readonly id: string
  readonly modified: string
  readonly advisory: Advisory | undefined
}

/** Reads a record of OSV (schema 1.7); `where` names it. @throws SW-ADVISORIES-INVALID */
export function parseAdvisory(bytes: Uint8Array, where: string, wants: Wants): ParsedRecord {
  const parsed = v.safeParse(record, jsonOf(bytes, where), { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw advisoryInvalid(`${where}: ${v.getDotPath(issue) ?? 'the record'}: ${issue.message}.`)
  }
  const { id, modified, published, withdrawn, aliases, upstream, summary, severity, database_specific } = parsed.output
  if (withdrawn !== undefined && withdrawn !== null) return { id, modified, advisory: undefined }
  const wanted = (parsed.output.affected ?? []).flatMap((one): readonly Affected[] => {
    const about = one.package
    if (about === undefined || !wants(about.ecosystem, about.name)) return []
    return [
      {
        ...about,
        versions: one.versions ?? [],
        ranges: (one.ranges ?? []).filter(({ type }) => type !== 'GIT'),
        severities: severitiesOf(one.severity, one.ecosystem_specific, one.database_specific),
      },
    ]
  })
  if (wanted.length === 0) return { id, modified, advisory: undefined }
  const advisory = {
    ...{ id, modified, aliases: aliases ?? [], upstream: upstream ?? [], summary: (summary ?? '').slice(0, 500) },
    ...{ severities: severitiesOf(severity, database_specific), affected: wanted },
    ...(published === undefined || published === null ? {} : { published }),
  }
  return { id, modified, advisory }
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw advisoryInvalid(`${where} is not JSON in UTF-8: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
}

/** Vectors before words: of the words `severity` (GitHub and others), and `urgency` (Debian). */
function severitiesOf(
  scores: v.InferOutput<typeof severities>,
  ...specific: readonly v.InferOutput<typeof words>[]
): readonly RawSeverity[] {
  const vectors = (scores ?? []).map(({ type, score }) => ({ type, value: score }))
  const said = specific.flatMap((one) => [
    { type: 'database', value: one?.severity },
    { type: 'urgency', value: one?.urgency },
  ])
  return [
    ...vectors,
    ...said.flatMap(({ type, value }) => (typeof value === 'string' && value !== '' ? [{ type, value: value.slice(0, 200) }] : [])),
  ]
}
