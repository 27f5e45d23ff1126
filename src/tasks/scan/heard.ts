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
  /** Of those that say how old they are. */
  readonly dates: readonly Dated[]
}

/** The age of a source, where it says one. */
export function datedOf(what: string, date: string): readonly Dated[] {
  return Number.isFinite(Date.parse(date)) ? [{ what, date, silence: 0 }] : []
}
