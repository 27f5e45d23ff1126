import type { ReleaseRecord, Section, Sections } from './record.ts'

/** How a section takes a new value: whole, or entry by entry under a key. */
type Rule = 'replace' | readonly string[]

const rules = {
  source: 'replace',
  tests: 'replace',
  subject: 'replace',
  pushes: ['image', 'digest'],
  sboms: ['subject', 'platform', 'format'],
  findings: 'replace',
  signatures: ['image', 'digest'],
  attestations: ['image', 'digest'],
  verifications: ['image', 'subject', 'policy'],
  tags: ['image', 'digest'],
  promotions: ['to', 'digest'],
  gitops: 'replace',
  deployment: 'replace',
  gate: 'replace',
  rollout: 'replace',
  preview: 'replace',
  catalog: ['name'],
  mesh: 'replace',
} as const satisfies { readonly [S in Section]: Rule }

/** What describes an image, and so ends with it when another becomes the subject. */
const aboutTheSubject = [
  'sboms',
  'findings',
  'signatures',
  'attestations',
  'verifications',
  'pushes',
  'tags',
] as const satisfies readonly Section[]

/** The record with the sections that a task wrote: single sections replaced, lists updated by key; nothing is changed in place. */
export function mergeRecord(record: ReleaseRecord, written: Partial<Sections>): ReleaseRecord {
  const start = forgetOldSubject(record, written.subject?.digest)
  const merged = Object.entries(written).map(([name, value]) => [name, mergeSection(name as Section, start[name as Section], value)])
  return { ...start, ...Object.fromEntries(merged) }
}

/** The record with a task's own values in place of those of its earlier runs. */
export function mergeOwn(record: ReleaseRecord, task: string, own: ReleaseRecord['own'][string]): ReleaseRecord {
  return { ...record, own: { ...record.own, [task]: own } }
}

function forgetOldSubject(record: ReleaseRecord, digest: string | undefined): ReleaseRecord {
  if (digest === undefined || record.subject === undefined || record.subject.digest === digest) return record
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => !aboutTheSubject.some((section) => section === name)),
  ) as ReleaseRecord
}

function mergeSection(name: Section, before: unknown, after: unknown): unknown {
  const rule: Rule = rules[name]
  if (rule === 'replace' || !Array.isArray(before) || !Array.isArray(after)) return after
  const keyOf = (entry: Readonly<Record<string, unknown>>): string => JSON.stringify(rule.map((field) => entry[field] ?? null))
  const entries = new Map([...before, ...after].map((entry) => [keyOf(entry), entry]))
  return [...entries.values()]
}
