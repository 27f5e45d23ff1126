import type { SbomComponent, SbomDocument } from '../read/document.ts'

/**
 * What an SBOM says of one field: a value; that it is not known; nothing. `outside`: it need not be in the document, and is not, so that
 * the document does not tell whether it is there.
 */
export type Answer = 'known' | 'unknown' | 'missing' | 'outside'

/** A field that a profile asks for. */
export type Field = DocumentField | ComponentField

interface Named {
  /** Stable, kebab-case. */
  readonly id: string
  /** As the profile calls it. */
  readonly name: string
  /** Whether the profile fails without it; false for what it asks for only where it exists. */
  readonly required: boolean
}

export interface DocumentField extends Named {
  readonly of: 'document'
  readonly answer: (document: SbomDocument) => Answer
}

export interface ComponentField extends Named {
  readonly of: 'component'
  readonly answer: (component: SbomComponent, document: SbomDocument) => Answer
}

/** What an authority asks of an SBOM. */
export interface Profile {
  readonly name: string
  readonly title: string
  /** Whether "this is not known" is an answer. */
  readonly takesUnknown: boolean
  readonly fields: readonly Field[]
}

/** `known` where there is something, else what is said of it. */
export function answerOf(isThere: boolean, isUnknown = false): Answer {
  if (isThere) return 'known'
  return isUnknown ? 'unknown' : 'missing'
}

/** A date and a time with a zone: RFC 3339, and what RFC 9557 may add in brackets. */
export function isTimestamp(text: string | undefined): boolean {
  const [, day, rest] =
    /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,12})?(?:[Zz]|[+-]\d{2}:\d{2}))(?:\[[^[\]]{1,100}\]){0,8}$/.exec(
      text ?? '',
    ) ?? []
  return day !== undefined && rest !== undefined && !Number.isNaN(Date.parse(day))
}
