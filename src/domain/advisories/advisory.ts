/** What an advisory says of how bad it is, in its own words: a CVSS vector, or a word of whoever published it. */
export interface RawSeverity {
  /** `CVSS_V3`, `CVSS_V4`, `Ubuntu`; for a word, where it stood: `database`, `urgency`. */
  readonly type: string
  readonly value: string
}

/** One event of a range; a version each (OSV schema 1.7, `events`). */
export type RangeEvent = { readonly [K in 'introduced' | 'fixed' | 'last_affected' | 'limit']?: string | undefined }

export interface Range {
  /** SEMVER or ECOSYSTEM; ranges of commits are not kept. */
  readonly type: string
  readonly events: readonly RangeEvent[]
}

/** One package that an advisory is about. */
export interface Affected {
  /** With its release: `npm`, `Debian:12`. */
  readonly ecosystem: string
  readonly name: string
  readonly versions: readonly string[]
  readonly ranges: readonly Range[]
  /** Of this package, which count before those of the whole advisory. */
  readonly severities: readonly RawSeverity[]
}

/** A record of OSV, as far as a scan needs it: of `affected` only the packages that were asked for. */
export interface Advisory {
  readonly id: string
  /** Other names of the same vulnerability. */
  readonly aliases: readonly string[]
  /** Vulnerabilities that this advisory of a distribution is about: one advisory may mend several. */
  readonly upstream: readonly string[]
  readonly summary: string
  /** RFC 3339. */
  readonly modified: string
  /** When it was published, RFC 3339; not every one says it. */
  readonly published?: string
  readonly severities: readonly RawSeverity[]
  readonly affected: readonly Affected[]
}
