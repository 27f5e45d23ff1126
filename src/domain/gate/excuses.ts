import type { Digest } from '../../base/digest.ts'
import type { Finding } from '../findings/finding.ts'
import { statementsByProduct } from '../vex/by-product.ts'
import { statementFor } from '../vex/match.ts'
import type { VexStatement } from '../vex/read.ts'
import type { Exception } from './exception.ts'
import type { Breach } from './licenses.ts'
import { longestOf } from './longest.ts'

/** Who says that something may stay, and why. What VEX says has no end: it is a fact about the image, not a favour. */
export interface Excuse {
  readonly origin: string
  readonly owner: string
  readonly reason: string
  readonly expires?: string
  /** What VEX says; absent of exceptions. */
  readonly status?: 'not_affected' | 'fixed'
}

/** What is said of something that was found. */
export interface Spoken {
  /** What excuses it now. */
  readonly valid?: Excuse
  /** The exception behind `valid`. */
  readonly exception?: Exception
  /** An exception that would excuse it, had it not expired. */
  readonly past?: Exception
}

export interface Excusing {
  readonly exceptions: readonly Exception[]
  readonly statements: readonly VexStatement[]
  /** Milliseconds since 1970. */
  readonly now: number
}

interface About {
  /** Package URLs with qualifiers of a finding's package. */
  readonly fullOf: (finding: Finding) => readonly string[]
  /** Digests of a finding's image: of its platform, and of the index. */
  readonly imagesOf: (finding: Finding) => readonly Digest[]
}

/** Looks up who excuses a finding. Exceptions are asked first: they have an owner. */
export function excuser({ exceptions, statements, now }: Excusing, { fullOf, imagesOf }: About): (finding: Finding) => Spoken {
  const vulnerabilities = exceptions.filter(({ license }) => license === undefined)
  const longest = longestOf(vulnerabilities, ({ id }) => id)
  const said = statementsByProduct(statements)
  return (finding) => {
    const names = [finding.id, ...finding.aliases]
    const full = fullOf(finding)
    const spoken = spokenBy(longest([...names, undefined], { ...finding, full }), now)
    if (spoken.valid !== undefined || statements.length === 0) return spoken
    const question = { names, package: { purl: finding.purl, full }, images: imagesOf(finding) }
    const valid = excuseOf(statementFor(question, said(question)))
    return valid === undefined ? spoken : { valid }
  }
}

/** Looks up who excuses a package's licence. */
export function licenseExcuser(exceptions: readonly Exception[], now: number): (breach: Breach) => Spoken {
  const licenses = exceptions.filter(({ license }) => license !== undefined)
  const longest = longestOf(licenses, ({ license }) => license?.toLowerCase())
  return ({ license, package: one, purl }) => {
    const scoped = { purl, package: one, locations: one.locations, full: [one.purl] }
    return spokenBy(longest([license.toLowerCase()], scoped), now)
  }
}

function spokenBy(longest: Exception | undefined, now: number): Spoken {
  if (longest === undefined) return {}
  return now < longest.ends ? { valid: longest, exception: longest } : { past: longest }
}

function excuseOf(statement: VexStatement | undefined): Excuse | undefined {
  if (statement === undefined) return undefined
  const { status, author, reason, origin } = statement
  if (status !== 'not_affected' && status !== 'fixed') return undefined
  return { origin, owner: author, status, reason: `${status}${reason === '' ? '' : `, ${reason}`}` }
}
