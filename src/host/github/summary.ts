import type { Environment } from '../process-environment.ts'
import { summaryPath } from '../summary/file.ts'
import { renderSummary } from '../summary/render.ts'
import type { Report } from '../summary/report.ts'
import { appendText, sizeOf } from './command-files.ts'

/** Bytes of a step's summary. The runner drops one of more than 1 MiB whole, and the step stays green. */
const budget = 900 * 1024

/** Appends a report to the step's summary, within what others have left of the budget. @returns whether something was left out */
export function appendSummary(environment: Environment, report: Report): boolean {
  if (!environment['GITHUB_STEP_SUMMARY']) return report.blocks.length > 0
  const left = budget - sizeOf(environment, 'GITHUB_STEP_SUMMARY')
  const { text, cut } = renderSummary(report, { budget: left, wholeText: summaryPath(report.task) })
  appendText(environment, 'GITHUB_STEP_SUMMARY', text)
  return cut
}
