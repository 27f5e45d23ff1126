import * as v from 'valibot'
import { reportUnknown } from './errors.ts'
import type { Report, Reported } from './report.ts'
import { digestsIn, listOf, name, optionalName, optionalWord, prose, shaped, summaryOf, vector, verdict, word } from './shape.ts'

/** The types of Harbor's reports (pluggable scanner specification 1.2), the newest first. */
export const harborReportTypes = [
  'application/vnd.security.vulnerability.report; version=1.1',
  'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
] as const

const vulnerability = v.object({
  id: name,
  package: name,
  version: optionalName,
  fix_version: optionalWord,
  severity: optionalName,
  status: optionalName,
  description: v.nullish(prose, ''),
  artifact_digests: listOf(word, 1000),
  preferred_cvss: v.nullish(v.object({ vector_v3: optionalWord, vector_v2: optionalWord }), {}),
})
const document = v.object({
  generated_at: optionalWord,
  artifact: v.nullish(v.object({ digest: optionalWord })),
  scanner: v.nullish(v.object({ name: optionalWord, version: optionalWord }), {}),
  vulnerabilities: listOf(vulnerability),
})

/** The report inside what Harbor answers, by its type, or undefined when it is none. */
export function harborReportIn(value: object): unknown {
  return harborReportTypes.map((type) => new Map(Object.entries(value)).get(type)).find((one) => one !== undefined)
}

/**
 * Reads a report of Harbor, of 1.1 or 1.0, by its type or bare. It knows packages by name and version alone.
 * @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID
 */
export function readHarbor(value: object, where: string): Report {
  const report = harborReportIn(value) ?? value
  if (Object.keys(value).length === 0)
    throw reportUnknown(`${where} is {}: Harbor answers so while an image has no report.`, { hint: 'wait until scan_status is Success' })
  const { generated_at, artifact, scanner, vulnerabilities } = shaped(document, report, where)
  return {
    source: 'harbor',
    program: ['harbor', scanner.name, scanner.version].filter((part) => part !== '' && part !== undefined).join(' '),
    ...{ date: '', written: generated_at },
    about: {
      digests: [...new Set([...digestsIn([artifact?.digest ?? '']), ...vulnerabilities.flatMap((one) => digestsIn(one.artifact_digests))])],
      diffIds: [],
    },
    reported: vulnerabilities.map(reportedOf),
    unscanned: [],
    covers: { system: true, languages: true },
  }
}

function reportedOf(one: v.InferOutput<typeof vulnerability>): Reported {
  const { id, package: name, version, fix_version: fix, preferred_cvss: cvss } = one
  const fixed = fix.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  return {
    ...{ id, aliases: [], summary: summaryOf(one.description), state: 'affected', fixed },
    ...{ package: { name, version }, locations: [], digests: digestsIn(one.artifact_digests) },
    claims: [
      {
        ...{ source: 'harbor', id, modified: '', fixed: fixed.length === 0 ? undefined : fixed.join(', ') },
        severities: [...verdict(one.severity), ...vector('3', cvss.vector_v3 ?? ''), ...vector('2', cvss.vector_v2 ?? '')],
        ...(fixed.length === 0 && one.status !== '' ? { status: one.status } : {}),
      },
    ],
  }
}
