import * as v from 'valibot'
import { isDigest } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import { levels } from '../findings/finding.ts'
import { scanReportInvalid } from './errors.ts'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
const finding = v.object({
  id: name,
  aliases: v.optional(v.array(name), []),
  purl: name,
  state: v.picklist(['affected', 'undetermined']),
  level: v.picklist(levels),
  score: v.optional(v.number()),
})
const report = v.object({
  schemaVersion: v.pipe(v.string(), v.regex(/^1\.\d+$/, 'expected a report of version 1')),
  verdict: v.picklist(['pass', 'fail']),
  subject: v.pipe(v.string(), v.guard(isDigest)),
  findings: v.pipe(v.array(finding), v.maxLength(500_000)),
})

/** A report of `scan`, as far as others read it. */
export type ScanReport = v.InferOutput<typeof report>
export type ReportedFinding = ScanReport['findings'][number]

/** In bytes: the findings of a report have at most 7.5 MiB, and what surrounds them less. */
export const mostScanReport = 32 * 2 ** 20

/** Reads a report of `scan`; `where` names it. @throws SW-GATE-REPORT */
export function parseScanReport(bytes: Uint8Array, where: string): ScanReport {
  const parsed = v.safeParse(report, jsonOf(bytes, where), { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw scanReportInvalid(`${where} is no report of scan: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw scanReportInvalid(`${where} is no JSON in UTF-8: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
}
