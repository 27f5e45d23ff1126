import * as v from 'valibot'
import { defineError } from '../../base/errors.ts'
import * as schemas from './sections.ts'

/** The version of the record that this Slipway writes; the part before the dot is the major version. */
const recordVersion = '1.0'

/** The shared sections of the release record: the contract between tasks. */
const sectionSchemas = { ...schemas }

export type Section = keyof typeof sectionSchemas
export type Sections = { readonly [S in Section]: DeepReadonly<v.InferOutput<(typeof sectionSchemas)[S]>> }

/** What tasks know of one release, each section absent until its task has written it. Kept in `.slipway/record.json`. */
export type ReleaseRecord = { readonly schemaVersion: string } & {
  /** What only one task cares about, under its name. */
  readonly own: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>
} & { readonly [S in Section]?: Sections[S] }

/** Every `section.field` of the record that holds a value of type `T`. */
export type RecordPath<T> = {
  [S in Section]: Sections[S] extends readonly unknown[] ? never : FieldPath<S, Sections[S], T>
}[Section]

type FieldPath<S extends Section, Fields, T> = {
  [F in keyof Fields & string]-?: [NonNullable<Fields[F]>] extends [T] ? `${S}.${F}` : never
}[keyof Fields & string]

export type DeepReadonly<T> = T extends string | number | boolean | undefined | null
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepReadonly<E>[]
    : { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** Which task writes a section, for messages about one that is missing. */
export const writers = {
  source: 'source',
  tests: 'test',
  subject: 'build',
  pushes: 'push',
  sboms: 'sbom',
  findings: 'scan',
  signatures: 'sign',
  attestations: 'attest',
  verifications: 'verify',
  tags: 'tag',
  promotions: 'promote',
  gitops: 'gitops-update',
  deployment: 'argocd-sync',
  gate: 'slo-gate',
  rollout: 'rollout',
  preview: 'preview',
  catalog: 'catalog',
  mesh: 'mesh-check',
} as const satisfies { readonly [S in Section]: string }

/** Every section, in the order of a release. */
export const sections = Object.keys(writers) as readonly Section[]

export const recordVersionUnknown = defineError({
  code: 'SW-RECORD-VERSION',
  fault: 'input',
  title: 'The release record was written by a newer major version of Slipway.',
  causes: ['Tasks of two major versions share one workspace.'],
  fix: 'Use the same major version of Slipway for all tasks of a pipeline, or remove .slipway/record.json and start the road again.',
})

export const recordBroken = defineError({
  code: 'SW-RECORD-BROKEN',
  fault: 'input',
  title: 'The release record cannot be read.',
  causes: ['The file .slipway/record.json was edited by hand or by another program.', 'The disk was full when another program copied it.'],
  fix: 'Remove .slipway/record.json and run the pipeline from its first task.',
})

const shape = v.object({
  schemaVersion: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)),
  own: v.optional(v.record(v.string(), v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))), {}),
  ...(Object.fromEntries(Object.entries(sectionSchemas).map(([name, schema]) => [name, v.optional(schema)])) as {
    readonly [S in Section]: v.OptionalSchema<(typeof sectionSchemas)[S], undefined>
  }),
})

/** The valibot schema of the whole record, from which `schemas/record.schema.json` is made. */
export const recordSchema = shape

/** A record in which nothing is known yet. */
export const emptyRecord: ReleaseRecord = { schemaVersion: recordVersion, own: {} }

/** Reads a record's JSON text; `where` names it in errors. @throws SW-RECORD-BROKEN, SW-RECORD-VERSION */
export function parseRecord(text: string, where: string): ReleaseRecord {
  const data = parseJson(text, where)
  const version = v.safeParse(v.object({ schemaVersion: v.string() }), data)
  const major = version.success ? version.output.schemaVersion.split('.')[0] : undefined
  if (major !== undefined && /^\d+$/.test(major) && major !== recordVersion.split('.')[0]) {
    throw recordVersionUnknown(
      `${where} has schema version ${version.success ? version.output.schemaVersion : '?'}, this Slipway reads 1.x`,
    )
  }
  const result = v.safeParse(shape, data)
  if (!result.success) throw recordBroken(`${where}: ${describe(result.issues[0])}`)
  // The data itself, not the schema's output: sections and fields that a newer minor version added must survive.
  return { ...emptyRecord, ...(data as Partial<ReleaseRecord>) }
}

/** The record as the text of its file: two-space indentation, final newline. */
export function formatRecord(record: ReleaseRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw recordBroken(`${where} is not JSON: ${text.length === 0 ? 'it is empty' : String(cause)}`, { cause })
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  return `${path === null ? 'the record' : `\`${path}\``} is ${issue.received}, expected ${issue.expected ?? 'another value'}`
}
