import type { Advisory, Affected } from '../advisories/advisory.ts'
import { keyOf } from '../advisories/collect.ts'
import type { Answers } from '../advisories/database.ts'
import { type Coordinates, coordinatesOf, isOfEcosystem } from '../advisories/ecosystem.ts'
import { type Match, matchVersion } from '../advisories/match.ts'
import type { Inventory, Package } from '../packages/package.ts'
import { barePurl } from '../packages/purl.ts'
import { byWeight, type Claim, type Finding, type Subject, type Unscanned } from './finding.ts'
import { type Group, groupsOf } from './groups.ts'
import { ratingOf, worstOf } from './severity.ts'

/** An image of one platform, and what it holds. */
export interface Scanned {
  readonly subject: Subject
  readonly inventory: Inventory
}

/** All that was found, worst first, and all that could not be looked up. */
export interface Found {
  readonly findings: readonly Finding[]
  readonly unscanned: readonly Unscanned[]
}

/** What the advisories say of the packages of an image. */
export function findIn({ subject, inventory }: Scanned, answers: Answers): Found {
  const covered = coverage(answers)
  const found = inventory.packages.map((one) => findOf(one, { subject, answers, covered }))
  const unread = inventory.unscannable.map(({ path, why }) => ({ what: path, why, subject }))
  return {
    findings: found.flatMap(({ findings }) => findings).toSorted(byWeight),
    unscanned: [...unread, ...found.flatMap(({ unscanned }) => unscanned)],
  }
}

interface Look {
  readonly subject: Subject
  readonly answers: Answers
  readonly covered: (coordinates: Coordinates) => boolean
}

function findOf(one: Package, { subject, answers, covered }: Look): Found {
  const unscanned = (why: string): Found => ({ findings: [], unscanned: [{ what: barePurl(one.purl), why, subject }] })
  const coordinates = coordinatesOf(one)
  if (typeof coordinates === 'string') return unscanned(coordinates)
  const name = [coordinates.ecosystem, ...coordinates.releases.slice(0, 1)].join(':')
  if (!covered(coordinates)) return unscanned(`the database has no advisories of ${name}`)
  const advisories = coordinates.names.flatMap((each) => answers.advisories.get(keyOf(coordinates.ecosystem, each)) ?? [])
  const own = merged(advisories).map((advisory) => aboutOnly(advisory, coordinates))
  const matched = new Map(own.map((advisory) => [advisory, matchOf(advisory, coordinates)]))
  return {
    findings: groupsOf([...matched.keys()]).flatMap((group) => findingOf(group, matched, { one, subject })),
    unscanned: [],
  }
}

/** What one advisory says of a package under several names, of which it may have both. */
function merged(advisories: readonly Advisory[]): readonly Advisory[] {
  const byId = Map.groupBy(advisories, ({ id }) => id)
  return [...byId.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, affected: [first, ...others].flatMap(({ affected }) => affected) }],
  )
}

/** Of many packages most ask for the same few ecosystems. */
function coverage({ ecosystems }: Answers): (coordinates: Coordinates) => boolean {
  const known = new Map<string, boolean>()
  return (coordinates) => {
    const key = [coordinates.ecosystem, ...coordinates.releases].join(':')
    const seen = known.get(key) ?? [...ecosystems].some((ecosystem) => isOfEcosystem(ecosystem, coordinates))
    known.set(key, seen)
    return seen
  }
}

/** Without what an advisory says of other packages and other releases of a distribution. */
function aboutOnly(advisory: Advisory, { names, ...where }: Coordinates): Advisory {
  const keys = names.map((name) => keyOf(where.ecosystem, name))
  const isOwn = ({ ecosystem, name }: Affected): boolean => isOfEcosystem(ecosystem, where) && keys.includes(keyOf(where.ecosystem, name))
  return { ...advisory, affected: advisory.affected.filter(isOwn) }
}

function matchOf({ affected }: Advisory, { version, scheme }: Coordinates): Match {
  const matches = affected.map((entry) => matchVersion(entry, version, scheme))
  const states = ['affected', 'undetermined'] as const
  return (
    states.map((state) => matches.find((match) => match.state === state)).find((match) => match !== undefined) ?? { state: 'unaffected' }
  )
}

function findingOf(
  { names, advisories }: Group,
  matched: ReadonlyMap<Advisory, Match>,
  { one, subject }: { readonly one: Package; readonly subject: Subject },
): readonly Finding[] {
  const seen = advisories.flatMap((advisory) => {
    const match = matched.get(advisory)
    return match === undefined || match.state === 'unaffected' ? [] : [{ advisory, match }]
  })
  const [first] = seen
  const [id, ...aliases] = names
  if (first === undefined || id === undefined) return []
  const isAffected = seen.some(({ match }) => match.state === 'affected')
  const claims = seen.map(({ advisory, match }) => claimOf(advisory, match))
  const why = seen.flatMap(({ match }) => (match.state === 'undetermined' ? [match.why] : []))[0]
  return [
    {
      ...{ id, aliases, summary: seen.map(({ advisory }) => advisory.summary).find((text) => text !== '') ?? '' },
      purl: barePurl(one.purl),
      package: { name: one.name, version: one.version, type: one.type },
      ...{ subject, state: isAffected ? 'affected' : 'undetermined' },
      ...(isAffected || why === undefined ? {} : { why }),
      ...worstOf(claims.map(({ severities }) => ratingOf(severities))),
      fixed: [...new Set(claims.flatMap(({ fixed }) => fixed ?? []))],
      locations: one.locations,
      claims,
    },
  ]
}

/** What is said of the package counts before what is said of the vulnerability. */
function claimOf({ id, modified, published, affected, severities }: Advisory, match: Match): Claim {
  const own = affected.flatMap((entry) => entry.severities)
  return {
    ...{ source: 'osv', id, modified, severities: own.length > 0 && ratingOf(own) !== undefined ? own : severities },
    fixed: match.state === 'affected' ? match.fixed : undefined,
    ...(published === undefined ? {} : { published }),
  }
}
