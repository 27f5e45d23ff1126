import { basename, join } from 'node:path'
import type { EventOf, Failure } from '../report/events.ts'
import { type Failures, failureOf } from '../report/failure.ts'
import { emptyOutputs } from '../spec/execute.ts'
import { emptyRecord } from '../spec/record/record.ts'
import { nextSteps, type RunEnd, referenceOf } from './ending.ts'
import type { Session } from './ports.ts'
import { recordPath } from './record-file.ts'
import type { Step } from './step.ts'
import { type TaskEnd, tellEnd } from './task-run.ts'
import { defined } from './voice.ts'

/** Tells that a run begins. */
export function tellStart(steps: readonly Step[], { host, version, files, source, emit }: Session): void {
  const tasks = steps.map(({ task }) => task.definition.name)
  emit({
    type: 'run-start',
    version,
    host: host.name,
    project: projectOf({ host, files }),
    tasks,
    ...defined({ commit: source.commit, ref: source.ref }),
  })
}

/** Tells that a task will not run, and why when it is no consequence of a failure. */
export function tellNotRun(step: Step, index: number, { session, why }: { session: Session; why?: string }): TaskEnd {
  const outcome = { outputs: emptyOutputs(step.task.definition), record: emptyRecord, headline: why, summary: [] }
  const end: TaskEnd = { step, status: 'not-run', duration: 0, outcome }
  tellEnd(end, { session, index })
  return end
}

export interface RunEndOptions {
  readonly failures: Failures
  /** Relative to the workspace. */
  readonly summary: string | undefined
  /** The workspace as seen from where the user stands. */
  readonly folder: string
}

/** Tells that a run of a pipeline has ended; a failure that a task has told is not told again. */
export function tellRunEnd(run: RunEnd, { emit, host }: Session, { failures, summary, folder }: RunEndOptions): void {
  const again = host.name === 'local' ? resumeStep(run, folder) : []
  emit({
    type: 'run-end',
    ...commonEnd(run, failures),
    record: join(folder, recordPath),
    next: run.status === 'passed' ? nextSteps(run.ends) : again,
    ...(summary === undefined ? {} : { summary: join(folder, summary) }),
  })
}

/** As {@link tellRunEnd}, for a task that ran alone: what it gave is said whole. */
export function tellSingleEnd(run: RunEnd, { emit }: Session, failures: Failures): void {
  const next = run.status === 'passed' ? nextSteps(run.ends) : []
  const outputs = Object.fromEntries(run.ends.flatMap(({ outcome }) => [...outcome.outputs]).filter(([, value]) => value !== ''))
  emit({ type: 'run-end', ...commonEnd(run, failures), outputs, next })
}

function commonEnd(run: RunEnd, failures: Failures): Pick<EventOf<'run-end'>, 'status' | 'exit' | 'duration' | 'reference' | 'failure'> {
  const { status, exit, duration, ends } = run
  const isTold = ends.some(({ outcome }) => outcome.failure !== undefined)
  const failure = run.failure === undefined || isTold ? undefined : { safe: 'no task has begun', ...failureOf(run.failure, failures) }
  return { status, exit, duration, ...defined({ reference: referenceOf(ends), failure }) }
}

/** Puts a failure where GitHub shows it first. Elsewhere the block at the end of the log is enough. */
export function annotateFailure(host: Session['host'], { code, message, fix }: Failure): void {
  if (host.name === 'github')
    host.annotate({ level: 'error', title: code, message: fix === undefined ? message : `${message}\nfix: ${fix}` }, { isVerdict: true })
}

/** The last part of the repository's name, else of the workspace's path. */
export function projectOf({ host, files }: Pick<Session, 'host' | 'files'>): string {
  return basename(host.source.repository ?? '', '.git') || basename(files.workspace)
}

function resumeStep({ ends }: RunEnd, folder: string): { label: string; command: string }[] {
  const isDone = ends.some(({ status }) => status === 'passed' || status === 'unchanged')
  return isDone ? [{ label: 'resume', command: folder === '' ? 'slipway resume' : `slipway resume ${quoted(folder)}` }] : []
}

/** For a shell, when it must be. */
function quoted(text: string): string {
  return /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
