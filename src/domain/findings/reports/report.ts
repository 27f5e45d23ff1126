import type { Digest } from '../../../base/digest.ts'
import type { Finding, Source } from '../finding.ts'

/** A package as a scanner names it; without a package URL it is known by its name and version alone. */
export interface ReportedPackage {
  readonly name: string
  readonly version: string
  readonly purl?: string | undefined
}

/** What a report says of one package: a finding that is not yet tied to an image and its packages. */
export interface Reported
  extends Pick<Finding, 'id' | 'aliases' | 'summary' | 'state' | 'why' | 'fixed' | 'locations' | 'claims' | 'exploitation'> {
  readonly package: ReportedPackage
  /** What this alone is about, where a report is about several images; else empty. */
  readonly digests: readonly Digest[]
}

/** By what a report says what it is about; empty where it does not say. */
export interface About {
  /** Of a manifest, an index or a configuration. */
  readonly digests: readonly Digest[]
  /** Of all layers, uncompressed, from the lowest. */
  readonly diffIds: readonly Digest[]
  /** `linux/arm64`. */
  readonly platform?: string
}

/** What a scanner reports, in one model. */
export interface Report {
  readonly source: Source
  /** The scanner, with its version where that is said. */
  readonly program: string
  /** When the advisories were made, RFC 3339; empty when that is not said. */
  readonly date: string
  /** When it was made itself; no advisory that it knows is later. */
  readonly written: string
  readonly about: About
  readonly reported: readonly Reported[]
  /** What it says it could not look up, or only with advisories that nobody keeps any more. */
  readonly unscanned: readonly { readonly what: string; readonly why: string }[]
  /** false: it shows that it did not look up the packages of the system, or those of languages. */
  readonly covers: { readonly system: boolean; readonly languages: boolean }
}
