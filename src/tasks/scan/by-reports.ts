import { resolve } from 'node:path'
import { findingsOfReports, type NamedReport } from '../../domain/findings/reports/findings-of.ts'
import { readReport } from '../../domain/findings/reports/read-report.ts'
import type { Report } from '../../domain/findings/reports/report.ts'
import type { Subjects } from '../../domain/findings/reports/subjects.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { datedOf, type Heard } from './heard.ts'
import type { Scene } from './scanned.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What the files of `reports` say; `alone`: nobody else is asked. @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID, SW-SCAN-REPORT-SUBJECT */
export async function byReports(
  input: Input,
  { scene: { targets }, context, alone }: { readonly scene: Scene; readonly context: Context<'subject'>; readonly alone: boolean },
): Promise<Heard> {
  const { files, log, progress } = context
  const reports: NamedReport[] = []
  for (const where of input.reports) {
    progress.doing(`reading ${where}`)
    const report = await readReport(resolve(files.workspace, where), where)
    const { source, program, reported } = report
    const date = ageOf(report)
    log.info('report', { file: where, source, program, date, platform: report.about.platform, vulnerabilities: reported.length })
    if (source === 'trivy' && reported.length === 0)
      log.warn('a report of trivy has no vulnerability, and does not say whether any was looked for', { file: where })
    if (date === '') log.warn('a report does not say how old its advisories are', { file: where, source })
    reports.push({ report, where })
  }
  const subjects: Subjects = { root: input.digest, targets, mayAssume: input.reportSubject === 'assumed', coverAll: alone }
  return {
    found: findingsOfReports(reports, subjects),
    facts: reports.map(({ report, where }) => ({ source: report.source, modified: ageOf(report), program: report.program, file: where })),
    // Some scanners never say it: the log has warned, and alone they do not pass.
    dates: reports.map(({ report, where }) => datedOf(where, ageOf(report))).filter(({ date }) => date !== ''),
  }
}

/** A report knows of no advisory that is later than itself. */
function ageOf({ date, written }: Report): string {
  return date === '' ? written : date
}
