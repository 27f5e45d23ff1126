import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../base/errors.ts'
import type { Failure } from '../report/events.ts'
import { type Failures, failureOf } from '../report/failure.ts'
import { execute, type Outcome } from '../spec/execute.ts'
import type { ReleaseRecord } from '../spec/record/record.ts'
import { cancelled } from './errors.ts'
import { writeOutputFiles } from './output-files.ts'
import type { Session } from './ports.ts'
import { updateRecord } from './record-file.ts'
import type { Step } from './step.ts'
import { defined } from './voice.ts'

/** A task that has ended. */
export interface TaskEnd {
  readonly step: Step
  readonly status: 'passed' | 'failed' | 'unchanged' | 'not-run'
  readonly outcome: Outcome
  /** Milliseconds. */
  readonly duration: number
}

export interface TaskRun {
  readonly index: number
  readonly record: ReleaseRecord
  readonly session: Session
  readonly failures: Failures
  /** Puts what the task says under a heading, where the host has some. */
  readonly group: Session['host']['group'] | undefined
  /** Whether others come after it. */
  readonly isLast: boolean
  /** Done when the record is written and before the end is told: what fails here fails the task. */
  readonly close: (outcome: Outcome) => Promise<void>
}

/** Runs one task and keeps the record when the task has changed it. Never throws. */
export async function runTask(step: Step, run: TaskRun): Promise<TaskEnd> {
  const { session, index, record } = run
  const task = step.task.definition.name
  const started = session.clock.now()
  session.emit({ type: 'task-start', task, index })
  const work = (): Promise<Outcome> => execute(step.task, { inputs: step.inputs, record, ports: session.ports(task) })
  const outcome = await closed(run.group === undefined ? await work() : await run.group(task, work), task, run)
  const status = outcome.failure === undefined ? 'passed' : 'failed'
  const end: TaskEnd = { step, status, outcome, duration: session.clock.now() - started }
  tellEnd(end, run, outcome.failure === undefined ? undefined : withSafe(failureOf(outcome.failure, run.failures), outcome, run))
  return end
}

/** Tells of a task that has ended, or will not run. */
export function tellEnd(
  { step, status, outcome, duration }: TaskEnd,
  { session, index }: Pick<TaskRun, 'session' | 'index'>,
  failure?: Failure,
): void {
  const outputs = Object.fromEntries([...outcome.outputs].filter(([, value]) => value !== ''))
  const { name: task } = step.task.definition
  session.emit({
    type: 'task-end',
    task,
    index,
    status,
    duration,
    outputs,
    ...defined({ headline: outcome.headline, answer: outcome.answer, failure }),
  })
}

/** Every failure says what is safe: what the task knows of it, else what we do. */
function withSafe(failure: Failure, outcome: Outcome, { record, isLast }: TaskRun): Failure {
  const kept = isDeepStrictEqual(outcome.record, record)
    ? 'the release record is as it was before'
    : 'what was found out is in the release record'
  return { ...failure, safe: failure.safe ?? (isLast ? kept : `${kept}; no later task has begun`) }
}

/** Files and the record are written, then the host told: each also when another of them failed. */
async function closed(outcome: Outcome, task: string, { session, record, close }: TaskRun): Promise<Outcome> {
  const judged = stopped(outcome, task, session.signal)
  const isChanged = !isDeepStrictEqual(judged.record, record)
  const change = { before: record, after: judged.record }
  const [filed, recorded] = await Promise.all([
    attempted(judged, () => done(writeOutputFiles(task, judged, session.files.workspace))),
    attempted(judged, async () => (isChanged ? { record: await updateRecord(session.files.state, change) } : undefined)),
  ])
  const kept = { ...recorded, failure: filed.failure ?? recorded.failure }
  return attempted(kept, () => done(close(kept)))
}

async function done(work: Promise<void>): Promise<undefined> {
  await work
}

/** With what the work adds; the first cause stays, whatever fails after it. */
async function attempted(outcome: Outcome, work: () => Promise<Partial<Outcome> | undefined>): Promise<Outcome> {
  try {
    return { ...outcome, ...(await work()) }
  } catch (failure) {
    return { ...outcome, failure: outcome.failure ?? failure }
  }
}

/** Whatever a task throws when it is aborted, the signal is why. */
function stopped(outcome: Outcome, task: string, signal: AbortSignal): Outcome {
  if (outcome.failure === undefined || !signal.aborted) return outcome
  return { ...outcome, failure: stopError(signal, `while ${task} ran`, outcome.failure) }
}

/** The error of a run that was stopped from outside. */
export function stopError(signal: AbortSignal, when: string, cause?: unknown): Error {
  const safe = cause instanceof Error && 'safe' in cause && typeof cause.safe === 'string' ? cause.safe : undefined
  return cancelled(`The run was ${messageOf(signal.reason)} ${when}.`, { safe, cause })
}
