import { checkSbom, type FieldScore, type ProfileName, profiles, type SbomCheck } from '../../domain/sbom/check/check.ts'
import { parseSbom } from '../../domain/sbom/read/read-sbom.ts'
import type { Block } from '../../spec/ports.ts'
import type { Written } from './write.ts'

/** How one file does by one profile. */
export interface Checked extends SbomCheck {
  readonly path: string
}

/** Holds every file that was written against every profile that is asked for: read again, as anyone else would read it. */
export function checkAll(written: readonly Written[], asked: readonly ProfileName[]): readonly Checked[] {
  return written.flatMap(({ path, text }) => {
    if (asked.length === 0) return []
    const document = parseSbom(text, path)
    return asked.map((profile) => ({ path, ...checkSbom(document, profiles[profile]) }))
  })
}

/** What fails, in one sentence: the worst file and profile, and the first fields that it lacks. */
export function reasonOf(checked: readonly Checked[]): string | undefined {
  const [worst] = checked.filter(({ passed }) => !passed).toSorted((a, b) => a.score - b.score)
  if (worst === undefined) return undefined
  const lacking = worst.fields.filter(({ required, passed }) => required && !passed)
  const named = lacking.slice(0, 4).map(({ name, of, known, unknown, missing }) => {
    return of === 'document' ? name : `${name} (${known} of ${known + unknown + missing})`
  })
  const more = lacking.length > named.length ? ` and ${lacking.length - named.length} more` : ''
  return `${worst.path} has ${worst.score} % of what ${worst.title} asks for; it lacks ${named.join(', ')}${more}`
}

/** What fails, a line for each field of each file: names and package URLs in it are those of others. */
export function failuresOf(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ path, title, score, fields }) => {
    const failing = fields.filter(({ required, passed }) => required && !passed)
    return failing.length === 0 ? [] : [`${path}: ${title}, ${score} %`, ...failing.map(lineOf)]
  })
  return lines.length <= mostLines
    ? lines.join('\n')
    : [...lines.slice(0, mostLines), `and ${lines.length - mostLines} lines more`].join('\n')
}

const mostLines = 40

function lineOf({ name, of, known, unknown, missing, lacking }: FieldScore): string {
  if (of === 'document') return `  ${name}: ${unknown > 0 ? 'said to be unknown' : 'missing'}`
  const [first] = lacking
  return `  ${name}: ${known} of ${known + unknown + missing}${first === undefined ? '' : `, not ${first}`}`
}

/** A table for each profile: its fields, those that fail first. */
export function checkBlocks(checked: readonly Checked[]): readonly Block[] {
  return checked.map(({ title, path, score, passed, fields }) => ({
    kind: 'table',
    title: `${title}: ${passed ? 'passed' : 'not passed'}, ${score} % (${path})`,
    columns: ['field', 'of', 'result', 'known', 'said to be unknown', 'missing', 'first that lack it'],
    rows: fields.toSorted((a, b) => rank(a) - rank(b)).map(rowOf),
  }))
}

function rank({ passed, required }: FieldScore): number {
  if (passed) return 2
  return required ? 0 : 1
}

function rowOf(field: FieldScore): readonly string[] {
  const { name, of, known, unknown, missing, lacking } = field
  return [name, of, resultOf(field), String(known), String(unknown), String(missing), lacking.join(', ')]
}

function resultOf({ passed, required, outside }: FieldScore): string {
  if (outside) return 'not in the document'
  if (passed) return 'passed'
  return required ? 'not passed' : 'where it exists'
}
