import type { Justification } from '../vex/schema.ts'

/** Which packages are meant: a package URL, or a name with what else is known. All that is set must hold. */
export interface PackageScope {
  readonly purl?: string
  readonly name?: string
  readonly version?: string
  /** The type of the package URL. */
  readonly type?: string
  /** As the qualifier of a package URL has it, `debian-12`, or every release: `debian`. */
  readonly distro?: string
}

/** What an exception says to those who read VEX; that it is excused says nothing to them. */
export interface Stated {
  readonly status: 'not_affected' | 'affected' | 'under_investigation'
  readonly justification?: Justification | undefined
  readonly impact?: string | undefined
  readonly action?: string | undefined
}

/** A finding that may stay for a while, whichever file says so. */
export interface Exception {
  /** Any name of the vulnerability; without it and without a licence all of the package. */
  readonly id?: string
  /** A licence in place of a vulnerability: what is declared, or `unknown`. */
  readonly license?: string
  /** Of several one is enough; none: every package. */
  readonly packages: readonly PackageScope[]
  /** Places in the image, folders and patterns too; of several one is enough. None: anywhere. */
  readonly paths: readonly string[]
  /** A path without patterns means itself and nothing below it, as in the files of other tools. */
  readonly exactly?: true
  readonly reason: string
  readonly owner: string
  /** As its file has it. */
  readonly expires: string
  /** The first moment at which it counts no more, milliseconds since 1970. */
  readonly ends: number
  /** The file, and the place in it. */
  readonly origin: string
  readonly vex?: Stated
}

/** An entry of another tool's file that is not taken over, and why: what it means finds nothing here. */
export interface Skipped {
  readonly origin: string
  readonly why: string
}

/** What a file of exceptions holds. */
export interface ExceptionFile {
  readonly exceptions: readonly Exception[]
  readonly skipped: readonly Skipped[]
}
