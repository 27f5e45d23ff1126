import { sha256 } from '../../base/digest.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import { version } from '../../base/version.ts'
import type { Finding, Level } from './finding.ts'

export type SarifRun = Readonly<Record<string, unknown>>

interface About {
  readonly platform: string
  readonly name: string
  readonly excuses: ReadonlyMap<Finding, string>
}

const notes = { unknown: 'error', critical: 'error', high: 'error', medium: 'warning', low: 'note' } as const satisfies Record<
  Level,
  string
>
/** What GitHub sorts by, where a finding has no score of its own. */
const scores = { unknown: 10, critical: 9.5, high: 8, medium: 5.5, low: 2 } as const satisfies Record<Level, number>

/** One analysis to GitHub: of one platform of one image, the findings in the order that they are given, worst first. */
export function runOf({ platform, name, excuses }: About, findings: readonly Finding[]): SarifRun {
  const rules = new Map<string, Finding>()
  for (const finding of findings) if (!rules.has(plain(finding.id))) rules.set(plain(finding.id), finding)
  const places = new Map([...rules.keys()].map((id, place) => [id, place]))
  return {
    tool: {
      driver: {
        name: 'slipway scan',
        semanticVersion: version,
        informationUri: 'https://github.com/slipway-ci/slipway',
        rules: [...rules.values()].map(ruleOf),
      },
    },
    automationDetails: { id: `scan/${plain(name)}/${plain(platform)}/` },
    results: findings.map((finding) => ({
      ...resultOf(finding, name),
      ruleIndex: places.get(plain(finding.id)) ?? -1,
      ...suppressed(excuses.get(finding)),
    })),
    columnKind: 'utf16CodeUnits',
  }
}

function ruleOf({ id, aliases, summary, level, score }: Finding): object {
  const short = plain(summary === '' ? id : summary)
  const names = plain([id, ...aliases.slice(0, 20)].join(', '))
  return {
    id: plain(id),
    name: 'Vulnerability',
    shortDescription: { text: short },
    fullDescription: { text: names },
    help: { text: `${short} (${names})` },
    helpUri: `https://osv.dev/vulnerability/${encodeURIComponent(wellFormed(id))}`,
    defaultConfiguration: { level: notes[level] },
    properties: { 'security-severity': (score ?? scores[level]).toFixed(1), tags: ['security', 'vulnerability', level] },
  }
}

function resultOf(finding: Finding, name: string): object {
  const { id, purl, level, locations, package: one } = finding
  const [place] = locations
  const path = place?.path ?? `${one.type}/${one.name}`
  const known = sha256([id, withoutVersion(purl), name, path].join('|')).slice('sha256:'.length)
  return {
    ruleId: plain(id),
    level: notes[level],
    message: { text: plain(messageOf(finding)) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(`image/${name}/${path}`) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: plain(purl), kind: 'package' }],
      },
    ],
    // The first is what GitHub looks at; there are no lines here, so it says which package of the file is meant.
    partialFingerprints: { primaryLocationLineHash: `${known.slice(0, 16)}:1`, 'slipway/v1': known },
    properties: factsOf(finding),
  }
}

function messageOf({ id, level, state, why, fixed, package: one }: Finding): string {
  const mend = fixed.length === 0 ? 'no version is free of it yet' : `free of it: ${fixed.slice(0, 10).join(', ')}`
  const doubt = state === 'affected' ? '' : `, undetermined: ${why ?? 'the version cannot be compared'}`
  return `${one.name} ${one.version} has ${id} (${level}${doubt}); ${mend}.`
}

/** What the sources said in their own words, and what is known beside it. */
function factsOf({ level, state, score, locations, claims, exploitation }: Finding): object {
  const severities = claims.flatMap(({ source, id, severities: said }) =>
    said.map(({ type, value }) => plain([source, id, type, value].join(' '))),
  )
  const layers = [...new Set(locations.flatMap(({ layer }) => layer ?? []))]
  return {
    ...{ severity: level, state, severities: severities.slice(0, 20) },
    ...(score === undefined ? {} : { score }),
    ...(layers.length === 0 ? {} : { layers: layers.slice(0, 20) }),
    ...(locations.length < 2 ? {} : { paths: locations.slice(0, 20).map(({ path }) => plain(path)) }),
    ...(exploitation?.epss === undefined ? {} : { epss: exploitation.epss.score }),
    ...(exploitation?.kev === undefined ? {} : { kev: exploitation.kev.added }),
  }
}

function suppressed(excuse: string | undefined): object {
  return excuse === undefined ? {} : { suppressions: [{ kind: 'external', status: 'accepted', justification: plain(excuse) }] }
}

function withoutVersion(purl: string): string {
  return purl.replace(/@[^@/]*$/, '')
}

/** A relative URI of these segments: whatever is in them leads nowhere else. */
function uriOf(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (/^\.{1,2}$/.test(segment) ? segment.replaceAll('.', '%2E') : encodeURIComponent(wellFormed(segment))))
    .join('/')
}

function wellFormed(text: string): string {
  return text.toWellFormed()
}

/** Viewers render Markdown and HTML in messages: what comes from an image must not. */
function plain(text: string): string {
  return wellFormed(neutraliseLine(text).slice(0, 1000)).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('[', '(').replaceAll(']', ')')
}
