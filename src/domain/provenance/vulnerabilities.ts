import * as v from 'valibot'
import type { Known } from '../gate/baseline.ts'
import type { ReportedFinding } from '../gate/scan-report.ts'
import { names } from './predicate.ts'

/** Predicate type of what a scanner found (in-toto, vulns v0.2). */
export const vulnerabilitiesType = 'https://in-toto.io/attestation/vulns/v0.2'

const scanner = `${names}/scan`

interface Times {
  /** Of the advisories, RFC 3339. */
  readonly databaseDate: string
  readonly finished: string
}

/**
 * What a scan found, as in-toto's vulns, version 0.2: each finding once, however many platforms have it, sorted. What the specification has
 * no field for are annotations: the package, the other names, and whether it could be decided.
 */
export function scanFindings(findings: readonly ReportedFinding[], { databaseDate, finished }: Times): object {
  const results = new Map(
    findings.map((one) => [JSON.stringify([one.id, one.purl, one.state]), resultOf(one)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  return {
    scanner: { uri: scanner, db: { lastUpdate: databaseDate }, result: [...results.values()] },
    metadata: { scanStartedOn: finished, scanFinishedOn: finished },
  }
}

function resultOf({ id, aliases, purl, state, level, score }: ReportedFinding): object {
  return {
    id,
    severity: [{ method: 'slipway', score: level }, ...(score === undefined ? [] : [{ method: 'cvss_score', score: score.toFixed(1) }])],
    annotations: [{ purl, state, ...(aliases.length === 0 ? {} : { aliases }) }],
  }
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
const annotation = v.object({ purl: text, state: v.picklist(['affected', 'undetermined']), aliases: v.optional(v.array(text), []) })
const predicate = v.object({
  scanner: v.object({
    uri: v.literal(scanner),
    result: v.pipe(v.array(v.object({ id: text, annotations: v.tuple([annotation]) })), v.maxLength(500_000)),
  }),
  metadata: v.object({ scanFinishedOn: v.pipe(v.string(), v.isoTimestamp()) }),
})

/** What a predicate of ours says was found, and when, milliseconds since 1970; undefined for one of another scanner. */
export function findingsIn(value: unknown): { readonly findings: readonly Known[]; readonly finished: number } | undefined {
  const parsed = v.safeParse(predicate, value, { abortEarly: true })
  if (!parsed.success) return undefined
  const { scanner: said, metadata } = parsed.output
  return {
    findings: said.result.map(({ id, annotations: [{ purl, state, aliases }] }) => ({ names: [id, ...aliases], purl, state })),
    finished: Date.parse(metadata.scanFinishedOn),
  }
}
