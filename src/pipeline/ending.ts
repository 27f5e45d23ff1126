import { join } from 'node:path'
import { formatDuration } from '../base/duration.ts'
import { kebab } from '../base/names.ts'
import { Stopped } from '../host/signals.ts'
import { renderWhole } from '../host/summary/render.ts'
import { reportOf } from '../host/summary/report.ts'
import { writeAtomic } from '../io/files.ts'
import { exitOf, type Failures, failureOf, failureText } from '../report/failure.ts'
import type { Ending } from '../spec/host.ts'
import type { OutputKindName } from '../spec/output.ts'
import type { Block } from '../spec/ports.ts'
import type { Session } from './ports.ts'
import { ensureState, recordPath } from './record-file.ts'
import { root } from './root.ts'
import type { TaskEnd } from './task-run.ts'

/** Relative to the workspace. */
const summaryPath = '.slipway/summary.md'

/** What a run has done, and the first thing that failed. */
export interface Ended {
  readonly ends: readonly TaskEnd[]
  readonly failure: unknown
}

/** How a run ended. */
export interface RunEnd extends Ended {
  readonly status: 'passed' | 'failed' | 'cancelled'
  readonly exit: number
  /** Milliseconds. */
  readonly duration: number
}

/** Judges a run. */
export function runEndOf(ended: Ended, { signal, duration }: { readonly signal: AbortSignal; readonly duration: number }): RunEnd {
  if (ended.failure === undefined) return { ...ended, status: 'passed', exit: 0, duration }
  if (!signal.aborted) return { ...ended, status: 'failed', exit: exitOf(ended.failure), duration }
  return { ...ended, status: 'cancelled', exit: signal.reason instanceof Stopped ? signal.reason.exitCode : 130, duration }
}

/** The image that a run ends with: what it pushed, else the digest of what it made. */
export function referenceOf(ends: readonly TaskEnd[]): string | undefined {
  return lastOutput(ends, 'image') ?? lastOutput(ends, 'digest')
}

/** Commands that make sense after a run that went well. */
export function nextSteps(ends: readonly TaskEnd[]): { label: string; command: string }[] {
  const image = lastOutput(ends, 'image')
  return image === undefined ? [] : [{ label: 'pull', command: `docker pull ${image}` }]
}

/** What the whole run has to say, for the host and for the summary file. */
export function endingOf(run: RunEnd, project: string, failures: Failures): Ending {
  const { ends, status, duration, failure } = run
  const digest = lastOutput(ends, 'digest')
  const done = ends.filter((end) => end.status !== 'not-run').length
  const count = ends.length === 0 ? 'no task has begun' : `${done} of ${ends.length} tasks`
  return {
    outputs: new Map([
      ['record', recordPath],
      ['digest', digest ?? ''],
      ['image', lastOutput(ends, 'image') ?? ''],
    ]),
    headline: `${project}: ${count}, ${formatDuration(duration)}${status === 'passed' ? '' : `, ${status}`}`,
    failure: failure === undefined ? undefined : failureText(failureOf(failure, failures)),
    summary: ends.length === 0 ? [] : [overview(ends), ...ends.flatMap(blocksOf)],
    failed: status !== 'passed',
  }
}

/** Keeps the summary of a run, and says where. A workspace that cannot be written is no reason to fail a run. */
export async function writeSummary(ending: Ending, { files, host }: Session): Promise<string | undefined> {
  try {
    await ensureState(files.state)
    await writeAtomic(join(files.state, 'summary.md'), renderWhole(reportOf(root, ending, host.redactor)), { mode: 0o644 })
    return summaryPath
  } catch {
    return undefined
  }
}

function lastOutput(ends: readonly TaskEnd[], kind: OutputKindName): string | undefined {
  const values = ends.flatMap(({ step, outcome }) =>
    Object.entries(step.task.definition.outputs).flatMap(([name, output]) =>
      output.kind === kind ? (outcome.outputs.get(kebab(name)) ?? '') : [],
    ),
  )
  return values.filter((value) => value !== '').at(-1)
}

function overview(ends: readonly TaskEnd[]): Block {
  const marks = { passed: '✓', failed: '✗', unchanged: '=', 'not-run': '·' } as const
  const rows = ends.map(({ step, status, outcome, duration }) => [
    `${marks[status]} ${status}`,
    step.task.definition.name,
    outcome.headline ?? '',
    status === 'passed' || status === 'failed' ? formatDuration(duration) : '',
  ])
  return { kind: 'table', columns: ['', 'task', 'result', 'time'], rows }
}

function blocksOf({ step, outcome }: TaskEnd): Block[] {
  return outcome.summary.length === 0 ? [] : [{ kind: 'heading', text: step.task.definition.name }, ...outcome.summary]
}
