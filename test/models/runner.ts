import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { endOrphans, processFiles } from './runner/after.ts'
import { type Cancellation, Cancelling } from './runner/cancelling.ts'
import type { Command } from './runner/command.ts'
import { prepareJob } from './runner/job.ts'
import { LineReader, type ShownAnnotation, StepLog } from './runner/log.ts'

export interface StepOptions {
  /** The program and its arguments: `[process.execPath, 'dist/push/index.js']`. */
  readonly argv: readonly string[]
  /** `with:` of the step, names as in action.yml. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Added to what the runner sets. */
  readonly environment?: Readonly<Record<string, string>>
  /** GITHUB_WORKSPACE. Default a new folder. */
  readonly workspace?: string
  /** What the step's summary file holds before. */
  readonly summary?: string
  /** State that a run saved: this is its clean-up. */
  readonly state?: ReadonlyMap<string, string>
  readonly cancel?: Cancellation
}

export interface StepResult {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null
  /** What the runner makes of it: also a step that exits with 0 fails when its command files are broken. */
  readonly failed: boolean
  readonly outputs: ReadonlyMap<string, string>
  readonly state: ReadonlyMap<string, string>
  /** Undefined when there is none, or when it was dropped for its size. */
  readonly summary: string | undefined
  readonly annotations: readonly ShownAnnotation[]
  readonly dropped: readonly ShownAnnotation[]
  readonly masks: readonly string[]
  /** As a reader sees it. */
  readonly log: string
  /** As the process wrote it. */
  readonly raw: { readonly stdout: string; readonly stderr: string }
  readonly commands: readonly Command[]
  readonly errors: readonly string[]
  readonly workspace: string
  /** RUNNER_TEMP after the step. */
  readonly temporary: string
  /** Signals that a cancellation needed. */
  readonly signals: readonly NodeJS.Signals[]
  /** Milliseconds from the first signal to the end of the process. */
  readonly stoppedAfter: number
  /** Processes that the step left behind, now ended. */
  readonly orphans: readonly number[]
}

/** Milliseconds for which processes that outlive the step may hold its output. */
const streamsStayOpen = 5000

/** Runs a step of a job as GitHub's runner does, on Linux. */
export async function runStep(options: StepOptions): Promise<StepResult> {
  const job = prepareJob(options)
  const log = new StepLog()
  const raw = { stdout: '', stderr: '' }
  const [program = '', ...args] = options.argv
  const child = spawn(program, args, { cwd: job.workspace, env: job.environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const cancelling = new Cancelling(child, options.cancel)
  for (const stream of ['stdout', 'stderr'] as const) follow(child, stream, { raw, log, cancelling })
  child.once('exit', () => void setTimeout(() => closeStreams(child), streamsStayOpen).unref())
  const [exitCode] = (await once(child, 'close')) as [number | null]
  const stoppedAfter = cancelling.end()
  const files = processFiles(job, log)
  return {
    ...{ exitCode, raw, stoppedAfter, signals: cancelling.signals, orphans: endOrphans(job.tracking) },
    ...{ annotations: log.annotations, dropped: log.dropped, masks: log.masks, commands: log.commands, errors: log.errors },
    ...{ outputs: log.outputs, state: log.state, summary: files.summary, log: log.lines.join('\n') },
    ...{ workspace: job.workspace, temporary: job.temporary, failed: exitCode !== 0 || log.errors.length > 0 },
  }
}

function follow(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  to: { readonly raw: Record<'stdout' | 'stderr', string>; readonly log: StepLog; readonly cancelling: Cancelling },
): void {
  const reader = new LineReader((line) => {
    to.log.take(line)
    to.cancelling.see(line)
  })
  child[stream]?.setEncoding('utf8')
  child[stream]?.on('data', (text: string) => {
    to.raw[stream] += text
    reader.add(text)
  })
  child[stream]?.on('end', () => reader.end())
}

function closeStreams(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** Removes what the model made for a step. */
export function forget(result: StepResult): void {
  rmSync(dirname(result.temporary), { recursive: true, force: true })
}
