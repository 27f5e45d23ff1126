import { type Failures, failureOf, failureText } from '../report/failure.ts'
import { emptyOutputs, type Outcome, type Task } from '../spec/execute.ts'
import type { RawInputs } from '../spec/parse-inputs.ts'
import { emptyRecord, type ReleaseRecord } from '../spec/record/record.ts'
import { type Ended, type RunEnd, runEndOf } from './ending.ts'
import { openKeysAhead } from './keys-ahead.ts'
import type { Session } from './ports.ts'
import { readRecord } from './record-file.ts'
import { runTask, stopError } from './task-run.ts'
import { annotateFailure, tellSingleEnd, tellStart } from './tell.ts'

export interface SingleOptions {
  readonly session: Session
  readonly task: Task
  /** Reads what the user gave; may throw. */
  readonly inputs: () => RawInputs
  readonly failures: Failures
  /** Outputs beside those of the task. */
  readonly extraOutputs?: ReadonlyMap<string, string>
}

/** Runs one task on the record of the workspace and gives the host its outputs, also when it failed. Never throws. */
export async function runSingle(options: SingleOptions): Promise<RunEnd> {
  const { session, task } = options
  const started = session.clock.now()
  tellStart([{ task, inputs: new Map() }], session)
  const ended = await attempt(options)
  const run = runEndOf(ended, { signal: session.signal, duration: session.clock.now() - started })
  tellSingleEnd(run, session, options.failures)
  return run
}

async function attempt(options: SingleOptions): Promise<Ended> {
  const { session, task, failures } = options
  try {
    const step = { task, inputs: options.inputs() }
    void openKeysAhead([step], session)
    const record = await recordFor(options)
    const close = async (outcome: Outcome): Promise<void> => finish(outcome, options)
    const end = await runTask(step, { index: 0, record, session, failures, isLast: true, group: undefined, close })
    return { ends: [end], failure: end.outcome.failure }
  } catch (error) {
    const failure = session.signal.aborted ? stopError(session.signal, `before ${task.definition.name}`, error) : error
    return { ends: [], failure: finishUnstarted(failure, options) }
  }
}

async function recordFor({ session, task, failures }: SingleOptions): Promise<ReleaseRecord> {
  try {
    return await readRecord(session.files.state)
  } catch (error) {
    if (task.definition.toleratesBrokenRecord !== true) throw error
    const { code, message } = failureOf(error, failures)
    session.ports(task.definition.name).log.warn('the release record cannot be read', { code, reason: message })
    return emptyRecord
  }
}

function finish({ outputs, headline, summary, failure }: Omit<Outcome, 'record'>, options: SingleOptions): void {
  const { session, task, failures, extraOutputs = [] } = options
  if (failure !== undefined) annotateFailure(session.host, failureOf(failure, failures))
  try {
    session.host.finish(task.definition, {
      outputs: new Map([...outputs, ...extraOutputs]),
      headline,
      failure: failure === undefined ? undefined : failureText(failureOf(failure, failures)),
      summary,
      failed: failure !== undefined,
    })
  } catch (error) {
    if (failure === undefined) annotateFailure(session.host, failureOf(error, failures))
    throw error
  }
}

/** A task that could not start has outputs too, all empty: a Tekton result must exist. */
function finishUnstarted(failure: unknown, options: SingleOptions): unknown {
  try {
    finish({ outputs: emptyOutputs(options.task.definition), summary: [], failure }, options)
  } catch {
    // The first cause, not the consequence.
  }
  return failure
}
