import type { Dated } from '../../domain/advisories/dated.ts'
import type { Found } from '../../domain/findings/find.ts'

/** A source that was asked, for the report and the gate. */
export interface SourceFacts {
  readonly source: string
  /** How old what it knows is, RFC 3339; empty when it does not say. */
  readonly modified: string
  readonly [more: string]: string | number | undefined
}

export interface Heard {
  readonly found: Found
  readonly facts: readonly SourceFacts[]
  /** Of those that say how old they are, and, without a date, of those that would have to. */
  readonly dates: readonly Dated[]
}

/** The age of a source; the date is empty where it does not say one. */
export function datedOf(what: string, date: string): Dated {
  return { what, date: Number.isFinite(Date.parse(date)) ? date : '', silence: 0 }
}
