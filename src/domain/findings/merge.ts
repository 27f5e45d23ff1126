import type { Location } from '../packages/package.ts'
import { byWeight, type Claim, type Exploitation, type Finding } from './finding.ts'
import { namesTogether, ranked } from './names.ts'
import { ratingOf, worstOf } from './severity.ts'

/**
 * One finding of each vulnerability of each package of each image, from what all sources found: every claim is kept, what is free of it and
 * where it lies is united, and the worst rating counts. Aliases of any source hold for all. Worst first.
 */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const headOf = namesTogether(findings.map(({ id, aliases }) => [id, ...aliases]))
  const names = new Map<string, Set<string>>()
  for (const { id, aliases } of findings) {
    const head = headOf(id)
    const group = names.get(head) ?? new Set([id])
    for (const name of [id, ...aliases]) if (headOf(name) === head) group.add(name)
    names.set(head, group)
  }
  const called = new Map([...names].map(([head, group]) => [head, calledOf(ranked(group))]))
  const same = Map.groupBy(findings, ({ id, purl, subject }) => [headOf(id), purl, subject.digest, subject.platform].join(' '))
  return [...same.values()]
    .flatMap((group) => group.slice(0, 1).map((first) => merged(first, group, called.get(headOf(first.id)) ?? first)))
    .toSorted(byWeight)
}

type Called = Pick<Finding, 'id' | 'aliases'>

/** All findings of a vulnerability share the list of its names. */
function calledOf([id = '', ...aliases]: readonly string[]): Called {
  return { id, aliases }
}

function merged({ purl, package: about, subject }: Finding, group: readonly Finding[], { id, aliases }: Called): Finding {
  const isAffected = group.some(({ state }) => state === 'affected')
  const why = group.find((one) => one.why !== undefined)?.why
  const claims = unique(
    group.flatMap((one) => one.claims),
    claimKey,
  )
  const exploitation = exploitationOf(group.flatMap((one) => one.exploitation ?? []))
  return {
    ...{ id, aliases, summary: group.map(({ summary }) => summary).find((text) => text !== '') ?? '' },
    ...{ purl, package: about, subject, state: isAffected ? 'affected' : 'undetermined' },
    ...(isAffected || why === undefined ? {} : { why }),
    ...worstOf(claims.map(({ severities }) => ratingOf(severities))),
    fixed: [...new Set(group.flatMap(({ fixed }) => fixed))],
    locations: united(group.flatMap(({ locations }) => locations)),
    claims,
    ...(exploitation === undefined ? {} : { exploitation }),
  }
}

function claimKey({ source, id, severities, fixed, status }: Claim): string {
  return JSON.stringify([source, id, severities, fixed, status])
}

/** Each place once: one of which the layer is known counts before the same one without. */
function united(locations: readonly Location[]): readonly Location[] {
  const layered = new Set(locations.flatMap(({ path, layer }) => (layer === undefined ? [] : [path])))
  const telling = locations.filter(({ path, layer }) => layer !== undefined || !layered.has(path))
  return unique(telling, ({ path, layer }) => `${layer ?? ''} ${path}`)
}

/** The likeliest, and the catalogue where any source knows of it. */
function exploitationOf(said: readonly Exploitation[]): Exploitation | undefined {
  if (said.length === 0) return undefined
  const [epss] = said.flatMap((one) => one.epss ?? []).toSorted((a, b) => b.score - a.score)
  const kev = said.find((one) => one.kev !== undefined)?.kev
  return { ...(epss === undefined ? {} : { epss }), ...(kev === undefined ? {} : { kev }) }
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].toReversed()
}
