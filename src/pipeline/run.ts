import { exitOf, type Failures, failureOf } from '../report/failure.ts'
import type { Task } from '../spec/execute.ts'
import { secretsOf } from '../spec/inputs.ts'
import type { Http } from '../spec/ports.ts'
import type { ReleaseRecord } from '../spec/record/record.ts'
import { askedAgain, runLineOf } from './asked.ts'
import { type Ended, endingOf, type RunEnd, runEndOf, writeSummary } from './ending.ts'
import { type Pipeline, readPipeline } from './file.ts'
import { fingerprint } from './fingerprint.ts'
import { requireIdentity } from './identity.ts'
import { beginJournal, readJournal, recordDone } from './journal.ts'
import { openKeysAhead } from './keys-ahead.ts'
import { checkOrder } from './order.ts'
import type { Session } from './ports.ts'
import { preflight } from './preflight.ts'
import { claimState, readRecord, withoutSteps, writeRecord } from './record-file.ts'
import { type Kept, keyOf, unchangedSteps, writtenBy } from './resume.ts'
import { root } from './root.ts'
import type { Step } from './step.ts'
import type { Override } from './steps.ts'
import { runTask, stopError, type TaskEnd, tellEnd } from './task-run.ts'
import { annotateFailure, projectOf, tellNotRun, tellRunEnd, tellStart } from './tell.ts'
import { endAhead, sendAhead } from './uploads-ahead.ts'
import { defined } from './voice.ts'

export interface RunOptions {
  readonly session: Session
  readonly tasks: readonly Task[]
  /** As the user gave it. */
  readonly file?: string | undefined
  readonly overrides: readonly Override[]
  /** Whether to sign, attest and verify what is pushed, also where the pipeline does not say so. */
  readonly sign?: boolean
  /** Whether to go on after the last task that was done. */
  readonly resume: boolean
  readonly failures: Failures
  /** Whether the run is a step of a CI system, which puts each task under a heading and takes the outputs of the root action. */
  readonly asAction: boolean
  /** The workspace as seen from where the user stands: empty, or a path that the paths and commands shown begin with. */
  readonly folder: string
}

/** What is known when the first task may begin. */
interface Prepared {
  readonly pipeline: Pipeline
  readonly kept: Kept
}

/** Runs a pipeline, and tells of it from `run-start` to `run-end`. One at a time in a workspace. Never throws. */
export async function runPipeline(options: RunOptions): Promise<RunEnd> {
  const { session } = options
  const started = session.clock.now()
  const lock = await claimState(session.files.state).catch((failure: unknown): Ended => ({ ends: [], failure }))
  if (typeof lock === 'function') return runAlone(options, started).finally(lock)
  tellStart([], session)
  const run = finishHost(runEndOf(lock, { signal: session.signal, duration: session.clock.now() - started }), options)
  tellRunEnd(run, session, { ...options, summary: undefined })
  return run
}

async function runAlone(options: RunOptions, started: number): Promise<RunEnd> {
  const { session } = options
  const prepared = await prepare(options).catch((error: unknown): Ended => ({ ends: [], failure: whyUnprepared(error, session.signal) }))
  tellStart('ends' in prepared ? [] : prepared.pipeline.steps, session)
  const ended = 'ends' in prepared ? prepared : await runSteps(prepared, options)
  const run = finishHost(runEndOf(ended, { signal: session.signal, duration: session.clock.now() - started }), options)
  const summary = await writeSummary(endingOf(run, projectOf(session), options.failures), session)
  tellRunEnd(run, session, { ...options, summary })
  return run
}

/** What stopped a run before its first task. */
function whyUnprepared(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? stopError(signal, 'before the first task', error) : error
}

/** Gives the host what the root action promises; a host that cannot take it fails the run. */
function finishHost(run: RunEnd, { session, asAction, failures }: RunOptions): RunEnd {
  if (!asAction) return run
  try {
    if (run.failure !== undefined) annotateFailure(session.host, failureOf(run.failure, failures))
    session.host.finish(root, endingOf(run, projectOf(session), failures))
    return run
  } catch (failure) {
    if (run.failure !== undefined) return run
    annotateFailure(session.host, failureOf(failure, failures))
    return { ...run, status: 'failed', exit: exitOf(failure), failure }
  }
}

async function prepare(options: RunOptions): Promise<Prepared> {
  const { session, tasks } = options
  const { state, workspace } = session.files
  const journal = options.resume ? await readJournal(state) : undefined
  const asked = askedAgain({ file: options.file, overrides: options.overrides, sign: options.sign === true }, journal)
  const pipeline = await readPipeline({ workspace, tasks, environment: session.host.environment, ...asked })
  checkOrder(pipeline.steps)
  for (const { task, inputs } of pipeline.steps) for (const secret of secretsOf(task.definition, inputs)) session.host.mask(secret)
  const record = withoutSteps(await readRecord(state), pipeline.steps)
  const kept = await unchangedSteps(pipeline.steps, { done: journal?.done ?? [], record, workspace, pipelineFile: pipeline.file })
  void openKeysAhead(pipeline.steps.slice(kept.ends.length), session)
  await requireIdentity(pipeline.steps.slice(kept.ends.length), session)
  await beginJournal(state, { run: runLineOf(asked, tasks), done: kept.done })
  await writeRecord(state, kept.record)
  return { pipeline, kept }
}

async function runSteps({ pipeline, kept }: Prepared, options: RunOptions): Promise<Ended> {
  const { session } = options
  const ends: TaskEnd[] = [...kept.ends]
  if (options.resume && kept.why !== undefined)
    session.emit({ type: 'log', level: 'warn', message: `starting from the first task: ${kept.why}` })
  for (const [index, end] of kept.ends.entries()) tellEnd(end, { session, index })
  let record = kept.record
  let ahead: Http | undefined
  let failure = await whyNotBegun(pipeline.steps.slice(kept.ends.length), record, options)
  for (const [index, step] of pipeline.steps.entries()) {
    if (index < kept.ends.length) continue
    if (failure === undefined && session.signal.aborted) failure = stopError(session.signal, `before ${step.task.definition.name}`)
    if (failure === undefined) ahead = (await sendAhead(pipeline.steps.slice(index), record, session)) ?? ahead
    const end = failure === undefined ? await runOne(step, { index, record, pipeline, options }) : tellNotRun(step, index, { session })
    ends.push(end)
    failure ??= end.outcome.failure
    record = end.outcome.record
  }
  await endAhead(ahead)
  const { notRun } = pipeline
  if (failure === undefined && notRun !== undefined) ends.push(tellNotRun(notRun.step, ends.length, { session, why: notRun.why }))
  return { ends, failure }
}

/** What would fail later, and is asked for while nothing is lost. */
async function whyNotBegun(steps: readonly Step[], record: ReleaseRecord, { session, tasks }: RunOptions): Promise<unknown> {
  try {
    await preflight(steps, { session, tasks, record })
    return undefined
  } catch (error) {
    return whyUnprepared(error, session.signal)
  }
}

function runOne(step: Step, from: { index: number; record: ReleaseRecord; pipeline: Pipeline; options: RunOptions }): Promise<TaskEnd> {
  const { index, record, pipeline, options } = from
  const { session, failures, asAction } = options
  const { workspace, state } = session.files
  return runTask(step, {
    index,
    record,
    session,
    failures,
    isLast: index === pipeline.steps.length - 1,
    group: asAction ? session.host.group : undefined,
    async close({ outputs, headline, record: after, failure }) {
      if (failure !== undefined) return
      await recordDone(state, {
        kind: 'done',
        task: step.task.definition.name,
        key: keyOf(step, record),
        fingerprint: await fingerprint(workspace, pipeline.file),
        outputs: Object.fromEntries(outputs),
        ...defined({ headline }),
        ...writtenBy(step, after),
      })
    },
  })
}
