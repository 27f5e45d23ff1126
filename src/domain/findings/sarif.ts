import { gzipSync } from 'node:zlib'
import { byWeight, type Finding, type Subject } from './finding.ts'
import { runOf, type SarifRun } from './sarif-run.ts'

/** What is told of: everything that was found, on every platform that was looked at. */
export interface SarifSource {
  readonly findings: readonly Finding[]
  /** Also those on which nothing was found: their alerts are closed by an empty run. */
  readonly subjects: readonly Subject[]
  /** registry/repository or another stable name, never with a tag or digest: alerts are known again by it. */
  readonly name: string
  /** Why a finding may stay, for those that an exception excuses. */
  readonly excuses?: ReadonlyMap<Finding, string>
}

/** What GitHub takes and keeps (docs.github.com, "SARIF results exceed one or more limits"), and what an output holds. */
export interface SarifLimits {
  readonly runs: number
  /** Of one run. */
  readonly results: number
  /** In bytes. */
  readonly text: number
  /** In bytes. */
  readonly compressed: number
}

export interface Sarif {
  readonly text: string
  /** The same by gzip, as GitHub takes it. */
  readonly compressed: Buffer
  /** Results that did not fit. */
  readonly left: number
}

/** In bytes: no result is shorter, so that more of them are not tried at all. */
const leastResult = 400

const limitsOfGithub: SarifLimits = { runs: 20, results: 5000, text: 15 * 2 ** 20, compressed: 10 * 2 ** 20 }

/** Findings as SARIF 2.1.0, a run per platform, worst first; the least severe of all are left out until the limits hold. */
export function sarifOf({ findings, subjects, name, excuses = new Map() }: SarifSource, limits: SarifLimits = limitsOfGithub): Sarif {
  const platforms = [...new Set(subjects.map(({ platform }) => platform))].slice(0, limits.runs)
  const worst = platforms
    .flatMap((platform) =>
      findings
        .filter(({ subject }) => subject.platform === platform)
        .toSorted(byWeight)
        .slice(0, limits.results),
    )
    .toSorted(byWeight)
  for (let count = Math.min(worst.length, Math.ceil(limits.text / leastResult)); ; ) {
    const kept = worst.slice(0, count)
    const text = written(platforms.map((platform) => runOf({ platform, name, excuses }, ofPlatform(kept, platform))))
    const size = Buffer.byteLength(text) / limits.text
    const compressed = size <= 1 || count === 0 ? gzipSync(text) : undefined
    const excess = compressed === undefined ? size : compressed.length / limits.compressed
    if (compressed !== undefined && (excess <= 1 || count === 0)) return { text, compressed, left: findings.length - count }
    count = Math.max(0, Math.floor(Math.min(count - 1, (count * 0.95) / excess)))
  }
}

function ofPlatform(findings: readonly Finding[], platform: string): readonly Finding[] {
  return findings.filter(({ subject }) => subject.platform === platform)
}

function written(runs: readonly SarifRun[]): string {
  const $schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
  return `${JSON.stringify({ $schema, version: '2.1.0', runs })}\n`
}
