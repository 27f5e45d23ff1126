import { sha256 } from '../../base/digest.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import { acrossPlatforms, byWeight, type Finding, type Level } from './finding.ts'

/** GitHub keeps so many results of a run, and shows so many tags of a rule. */
const mostResults = 5000
const notes = { unknown: 'error', critical: 'error', high: 'error', medium: 'warning', low: 'note' } as const satisfies Record<
  Level,
  string
>
/** What GitHub sorts by, where a finding has no score of its own. */
const scores = { unknown: 10, critical: 9.5, high: 8, medium: 5.5, low: 2 } as const satisfies Record<Level, number>

/**
 * Findings as SARIF 2.1.0, worst first. `image` is registry/repository or another stable name, never with a tag or digest: alerts are known
 * again by it, by the path and by the rule. `left` results did not fit.
 */
export function sarifOf(findings: readonly Finding[], image: string): { readonly text: string; readonly left: number } {
  const all = acrossPlatforms(findings).toSorted(byWeight)
  const kept = all.slice(0, mostResults)
  const rules = new Map(kept.toReversed().map((finding) => [finding.id, ruleOf(finding)]))
  const run = {
    tool: {
      driver: { name: 'slipway scan', informationUri: 'https://github.com/slipway-ci/slipway', rules: [...rules.values()].toReversed() },
    },
    automationDetails: { id: `scan/${image}/` },
    results: kept.map((finding) => resultOf(finding, image)),
    columnKind: 'utf16CodeUnits',
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return { text: `${JSON.stringify(log)}\n`, left: all.length - kept.length }
}

function ruleOf({ id, aliases, summary, level, score }: Finding): object {
  return {
    id: plain(id),
    name: 'Vulnerability',
    shortDescription: { text: plain(summary === '' ? id : summary) },
    fullDescription: { text: plain([id, ...aliases].join(', ')) },
    helpUri: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    properties: { 'security-severity': (score ?? scores[level]).toFixed(1), tags: ['security', 'vulnerability', level] },
  }
}

function resultOf(finding: Finding, image: string): object {
  const { id, purl, level, locations, fixed, package: one } = finding
  const path = locations[0]?.path ?? `${one.type}/${one.name}`
  const uri = `image/${image}/${path}`.split('/').map(encodeURIComponent).join('/')
  const mend = fixed.length === 0 ? 'no version is free of it yet' : `free of it: ${fixed.join(', ')}`
  return {
    ruleId: plain(id),
    level: notes[level],
    message: {
      text: plain(`${one.name} ${one.version} has ${id} (${level}${finding.state === 'affected' ? '' : ', undetermined'}); ${mend}.`),
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: plain(purl) }],
      },
    ],
    partialFingerprints: { 'slipway/v1': sha256([id, purl.replace(/@[^@]*$/, ''), image, path].join('|')).slice(7) },
    properties: { severity: level, ...(finding.score === undefined ? {} : { score: finding.score }) },
  }
}

/** Viewers render Markdown and HTML in messages: what comes from an image must not. */
function plain(text: string): string {
  return neutraliseLine(text).slice(0, 1000).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('[', '(').replaceAll(']', ')')
}
