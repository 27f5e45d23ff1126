import type { SbomComponent, SbomDocument } from '../read/document.ts'
import { bsi21 } from './bsi-2.1.ts'
import { cisa2026 } from './cisa-2026.ts'
import type { Answer, Field, Profile } from './profile.ts'

/** The profiles by name. */
export const profiles = { 'cisa-2026': cisa2026, 'bsi-2.1': bsi21 } as const satisfies Readonly<Record<string, Profile>>

export type ProfileName = keyof typeof profiles

/** How an SBOM does by a profile. */
export interface SbomCheck {
  readonly profile: string
  readonly title: string
  readonly passed: boolean
  /** In percent: the mean of the fields that are required. */
  readonly score: number
  readonly fields: readonly FieldScore[]
}

/** How it does by one field: of one document, or of all its components, files left out. */
export interface FieldScore {
  readonly id: string
  readonly name: string
  readonly of: 'document' | 'component'
  readonly required: boolean
  readonly passed: boolean
  /** In percent. */
  readonly score: number
  readonly known: number
  readonly unknown: number
  readonly missing: number
  /** Whether it may be beside the document, which does not tell. */
  readonly outside: boolean
  /** The first components that lack it. */
  readonly lacking: readonly string[]
}

const mostLacking = 5

/** Holds a document against a profile, field by field. */
export function checkSbom(document: SbomDocument, profile: Profile): SbomCheck {
  const components = [...(document.subject === undefined ? [] : [document.subject]), ...document.components].filter(
    ({ kind }) => kind !== 'file',
  )
  const fields = profile.fields.map((field) => scoreOf(field, { document, components, takesUnknown: profile.takesUnknown }))
  const required = fields.filter((one) => one.required && !one.outside)
  return {
    ...{ profile: profile.name, title: profile.title },
    passed: required.every(({ passed }) => passed),
    score: percent(
      required.reduce((sum, { score }) => sum + score, 0),
      required.length * 100,
    ),
    fields,
  }
}

function scoreOf(
  field: Field,
  all: { readonly document: SbomDocument; readonly components: readonly SbomComponent[]; readonly takesUnknown: boolean },
): FieldScore {
  const { id, name, of, required } = field
  const counts = { known: 0, unknown: 0, missing: 0, outside: 0 } satisfies Record<Answer, number>
  const lacking: string[] = []
  const answers =
    field.of === 'document'
      ? [{ answer: field.answer(all.document), called: '' }]
      : all.components.map((one) => ({ answer: field.answer(one, all.document), called: one.purl ?? one.name }))
  for (const { answer, called } of answers) {
    counts[answer] += 1
    const isLacking = answer === 'missing' || (answer === 'unknown' && !all.takesUnknown)
    if (isLacking && called !== '' && lacking.length < mostLacking) lacking.push(called)
  }
  const good = counts.known + (all.takesUnknown ? counts.unknown : 0)
  return {
    ...{ id, name, of, required, known: counts.known, unknown: counts.unknown, missing: counts.missing },
    passed: counts.outside > 0 || (answers.length > 0 && good === answers.length),
    score: percent(good, answers.length),
    outside: counts.outside > 0,
    lacking,
  }
}

/** Rounded down to a tenth: what is not whole is never 100. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part / whole) * 1000) / 10
}
