import cvss from 'ae-cvss-calculator'
import type { RawSeverity } from '../advisories/advisory.ts'
import { type Level, levels } from './finding.ts'

/** How bad something is: a level, with the score that it comes from. */
export interface Rating {
  readonly level: Level
  readonly score?: number
}

/** Words of GitHub, Debian, Ubuntu, Red Hat, Alpine and others. */
const words: ReadonlyMap<string, Level> = new Map([
  ['critical', 'critical'],
  ...(['high', 'important'] as const).map((word) => [word, 'high'] as const),
  ...(['medium', 'moderate'] as const).map((word) => [word, 'medium'] as const),
  ...(['low', 'minor', 'negligible', 'unimportant', 'none'] as const).map((word) => [word, 'low'] as const),
])
/** Words that say that nobody has decided yet. */
const silent = ['unknown', 'untriaged', 'not yet assigned', 'end-of-life', 'undetermined']
/** Latest first: it is what its authors would have said first. */
const vectors = ['CVSS_V4', 'CVSS_V3', 'CVSS_V2']
const bounds = [
  ['critical', 9],
  ['high', 7],
  ['medium', 4],
] as const

/**
 * The rating of one claim: the verdict of a scanner (`severity`), which has weighed the rest; else the worst vector of the
 * latest CVSS, else the worst word. `unknown` where what is said is not understood; undefined where nothing is said.
 */
export function ratingOf(severities: readonly RawSeverity[]): Rating | undefined {
  const said = severities.filter(({ value }) => !silent.includes(value.toLowerCase()))
  const verdict = said.find(({ type }) => type === 'severity')
  if (verdict === undefined) return weighed(said)
  const level = words.get(verdict.value.toLowerCase()) ?? 'unknown'
  const { score, level: scored } = weighed(said.filter((one) => one !== verdict)) ?? {}
  return { level, ...(score === undefined || scored !== level ? {} : { score }) }
}

function weighed(said: readonly RawSeverity[]): Rating | undefined {
  const scores = vectors.map((type) => said.filter((one) => one.type === type).flatMap(({ value }) => scoreOf(value) ?? []))
  const latest = scores.find((some) => some.length > 0)
  if (latest !== undefined) {
    const score = latest.reduce((a, b) => Math.max(a, b))
    return { level: bounds.find(([, least]) => score >= least)?.[0] ?? 'low', score }
  }
  const known = new Set(said.flatMap(({ value }) => words.get(value.toLowerCase()) ?? []))
  const level = levels.find((one) => known.has(one))
  if (level !== undefined) return { level }
  return said.length === 0 ? undefined : { level: 'unknown' }
}

/** The worst of several; where none says anything, it is unknown. */
export function worstOf(ratings: readonly (Rating | undefined)[]): Rating {
  const said = ratings.flatMap((rating) => rating ?? [])
  const [worst] = said.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || (b.score ?? 0) - (a.score ?? 0))
  return worst ?? { level: 'unknown' }
}

/** Many findings share few vectors, and the calculator makes much garbage of each. */
const scores = new Map<string, number | undefined>()
const mostScores = 10_000

function scoreOf(text: string): number | undefined {
  if (scores.has(text)) return scores.get(text)
  if (scores.size >= mostScores) scores.clear()
  const score = calculated(text)
  scores.set(text, score)
  return score
}

/** The base score of a vector; undefined when it is none, or not whole: half a vector would count as harmless. */
function calculated(text: string): number | undefined {
  const vector = cvss.fromVector(text)
  if (vector?.isBaseFullyDefined() !== true) return undefined
  const { base, overall } = vector.calculateScores()
  const score = base ?? overall
  return score !== undefined && Number.isFinite(score) ? score : undefined
}
