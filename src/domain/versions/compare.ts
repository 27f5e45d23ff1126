import { compareApk } from './apk.ts'
import { compareDpkg } from './dpkg.ts'
import { compareGem } from './gem.ts'
import { compareMaven } from './maven.ts'
import { compareNuget } from './nuget.ts'
import type { Order } from './order.ts'
import { comparePackagist } from './packagist.ts'
import { comparePep440 } from './pep440.ts'
import { compareRpm } from './rpm.ts'
import { compareSemver } from './semver.ts'

const comparators = {
  semver: compareSemver,
  pep440: comparePep440,
  maven: compareMaven,
  dpkg: compareDpkg,
  apk: compareApk,
  rpm: compareRpm,
  gem: compareGem,
  nuget: compareNuget,
  packagist: comparePackagist,
} as const satisfies Readonly<Record<string, (a: string, b: string) => Order>>

/** By whose rules versions are ordered. */
export type Scheme = keyof typeof comparators

export const schemes = Object.keys(comparators) as readonly Scheme[]

/** Longest version that is looked at: the grammars are regular, and still no version has a kilobyte. */
const longest = 512

/** What programs write where they know no version; Maven and RPM would give each of them a place. */
const unknown = new Set([
  ...[
    '',
    '(devel)',
    'devel',
    'unknown',
    '(unknown)',
    'none',
    'null',
    'undefined',
    'unspecified',
    'n/a',
    'latest',
    'head',
    'main',
    'master',
  ],
])
/** The hash of a commit, whole or short: hexadecimal, letters and digits mixed more than once, and no date before them. */
const hash = /^(?!(?:19|20)\d{6}(?!\d))(?=[0-9a-f]{7,64}$)(?:[0-9a-f]*\d[a-f]+\d|[0-9a-f]*[a-f]\d+[a-f]|[0-9a-f]{40}$|[0-9a-f]{64}$)/i

/** How two versions stand to one another; undefined where one of them is none by the rules of the scheme: never a guess. */
export function compareVersions(scheme: Scheme, a: string, b: string): Order {
  return isNone(a) || isNone(b) ? undefined : comparators[scheme](a, b)
}

function isNone(version: string): boolean {
  return version.length > longest || unknown.has(version.trim().toLowerCase()) || hash.test(version) || version.includes('${')
}
