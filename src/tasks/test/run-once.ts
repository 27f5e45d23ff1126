import { join } from 'node:path'
import { ensureFolder, facts, writeAtomic } from '../../io/files.ts'
import type { Context } from '../../spec/define.ts'
import type { ProcessResult } from '../../spec/ports.ts'
import { nodeReporter, nodeReporterName } from './node-reporter.ts'
import type { Plan, Runner } from './plan.ts'

/** What one run of the command left behind. */
export interface Finished {
  readonly runner: Runner
  readonly plan: Plan
  /** Absolute: the folder for the reports of this run. */
  readonly folder: string
  /** Absolute: its stdout, byte for byte. */
  readonly stdout: string
  /** Files of a report that are older than this (milliseconds since 1970) are not from this run. */
  readonly since: number
  readonly result: ProcessResult
}

export interface RunOptions {
  readonly runner: Runner
  /** From 1. */
  readonly number: number
  /** Absolute: where the command runs. */
  readonly project: string
  /** Milliseconds. */
  readonly timeout: number | undefined
}

/** Where the reports that we ask tools for are kept, relative to the state folder; not called `test`, where `node --test` would look. */
export const reportsFolder = 'reports/tests'

/** Runs the tests once. */
export async function runOnce({ runner, number, project, timeout }: RunOptions, context: Context): Promise<Finished> {
  const folder = join(context.files.state, reportsFolder, String(number))
  await ensureFolder(folder)
  const temporary = await context.files.temporary('test')
  const plan = runner.plan({ reports: folder, temporary })
  if (plan.env?.['NODE_OPTIONS'] !== undefined) await writeAtomic(join(temporary, nodeReporterName), nodeReporter)
  const stdout = join(temporary, 'stdout')
  context.log.info('running the tests', { command: runner.command, found: runner.because, run: number })
  context.progress.doing(`running ${runner.command}`)
  context.log.debug('the command with what makes it report', { argv: JSON.stringify(plan.argv) })
  const since = (await facts(folder)).modified
  const result = await context.process.run({
    argv: plan.argv,
    cwd: project,
    inherit: 'user',
    echo: plan.quiet !== true,
    stdoutFile: stdout,
    keep: 64 * 1024,
    ...(plan.env === undefined ? {} : { env: plan.env }),
    ...(timeout === undefined ? {} : { timeout }),
  })
  if (plan.quiet === true && result.stderr !== '') context.log.untrusted(result.stderr)
  return { runner, plan, folder, stdout, since, result }
}
