import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../base/errors.ts'
import type { Log } from '../../spec/ports.ts'
import { renderWhole } from './render.ts'
import type { Report } from './report.ts'

export interface SummaryFileOptions {
  /** Absolute. */
  readonly workspace: string
  readonly log: Log
}

/** Where the whole text of a summary is kept, relative to the workspace. */
export function summaryPath(task: string): string {
  return `.slipway/summary-${task}.md`
}

/** Keeps the whole text of a summary. A workspace that cannot be written is no reason to fail a task that is done. */
export function writeSummaryFile(report: Report, { workspace, log }: SummaryFileOptions): void {
  const path = join(workspace, summaryPath(report.task))
  try {
    const folder = join(workspace, '.slipway')
    mkdirSync(folder, { recursive: true })
    // A link in a checkout that we do not trust must not lead us elsewhere: the new file is never written through one.
    if (lstatSync(folder).isSymbolicLink()) log.warn('the summary is not kept: its folder is a symbolic link', { path: folder })
    else {
      rmSync(path, { force: true })
      writeFileSync(path, renderWhole(report), { flag: 'wx' })
    }
  } catch (error) {
    log.warn('the summary cannot be kept in the workspace', { path, reason: systemCode(error), fix: unwritableHint(error) })
  }
}

/** What to set when a volume belongs to root while this process does not. */
export function unwritableHint(error: unknown): string | undefined {
  const denied = ['EACCES', 'EPERM'].includes(systemCode(error) ?? '')
  return denied
    ? 'make the folder writable for this user; on Tekton set taskRunTemplate.podTemplate.securityContext.fsGroup: 65532'
    : undefined
}
