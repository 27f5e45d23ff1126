import type { Asked } from '../exchange.ts'
import type { RequestKind } from './request-kind.ts'
import type { Match, Rule } from './rule.ts'

/** Rules with their counts: the same requests in the same order always meet the same faults. */
export interface Script {
  /** The rules that act on a request, in their order; counts it. */
  firing(asked: Asked, kind: RequestKind | undefined): readonly Rule[]
  /** More rules, before the others: they act first. */
  add(...rules: readonly Rule[]): void
}

interface Count {
  seen: number
  fired: number
}

/** Paths that a rule counts one by one; the oldest is forgotten first. */
const mostPaths = 10_000

export function createScript(rules: readonly Rule[]): Script {
  const entries = rules.map(entryOf)
  return {
    firing: (asked, kind) =>
      entries.filter(({ rule, counts }) => fits(rule.on, asked, kind) && isDue(rule, countOf(counts, rule, asked))).map(({ rule }) => rule),
    add: (...more) => void entries.unshift(...more.map(entryOf)),
  }
}

function entryOf(rule: Rule): { readonly rule: Rule; readonly counts: Map<string, Count> } {
  return { rule, counts: new Map() }
}

function fits({ request, method, path, line, above = {} }: Match, asked: Asked, kind: RequestKind | undefined): boolean {
  return (
    (request === undefined || [request].flat().some((one) => one === kind || (one === 'upload-post' && kind === 'mount'))) &&
    (method === undefined || method === asked.method) &&
    (path === undefined || path.test(asked.target)) &&
    (line === undefined || line.test(`${asked.method} ${asked.target}`)) &&
    Object.entries(above).every(([name, most]) => Number(asked.query.get(name) ?? Number.NaN) > most)
  )
}

function countOf(counts: Map<string, Count>, { per = 'rule' }: Rule, { path }: Asked): Count {
  const key = per === 'path' ? path : ''
  const count = counts.get(key) ?? { seen: 0, fired: 0 }
  const [oldest] = counts.keys()
  if (counts.size >= mostPaths && !counts.has(key) && oldest !== undefined) counts.delete(oldest)
  counts.set(key, count)
  return count
}

function isDue({ skip = 0, every = 1, times = Number.POSITIVE_INFINITY }: Rule, count: Count): boolean {
  count.seen += 1
  const turn = count.seen - skip
  if (turn <= 0 || turn % every !== 0 || count.fired >= times) return false
  count.fired += 1
  return true
}
