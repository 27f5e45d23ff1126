import { readdirSync, readFileSync } from 'node:fs'
import { parsePairs } from './command-file.ts'
import type { Job } from './job.ts'
import type { StepLog } from './log.ts'

/** Bytes; a summary of more is dropped whole. */
const summaryLimit = 1024 * 1024

/** Reads the command files of a step that has ended. */
export function processFiles(job: Job, log: StepLog): { readonly summary: string | undefined } {
  for (const [name, into] of [
    ['output', log.outputs],
    ['state', log.state],
  ] as const) {
    const { pairs, error } = parsePairs(readFileSync(job.files[name]))
    for (const [key, value] of pairs) into.set(key, value)
    if (error !== undefined) log.errors.push(`Unable to process file command '${name}' successfully. ${error}`)
  }
  for (const name of ['env', 'path'] as const) {
    if (readFileSync(job.files[name]).length > 0) log.errors.push(`GITHUB_${name.toUpperCase()} was written, which no task may do`)
  }
  return { summary: uploadedSummary(job.files.step_summary, log) }
}

/** CreateStepSummaryCommand: secrets are hidden line by line; the step stays green when it is too large. */
function uploadedSummary(path: string, log: StepLog): string | undefined {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return undefined
  if (bytes.length > summaryLimit) {
    log.show(
      `##[error]$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.floor(bytes.length / 1024)}k.`,
    )
    return undefined
  }
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => log.mask(line))
    .join('\n')
}

/** The runner ends what still carries its tracking id when the job is over (JobExtension.cs). */
export function endOrphans(tracking: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const orphans = pids.filter((pid) => pid !== process.pid && environmentOf(pid).includes(`RUNNER_TRACKING_ID=${tracking}`))
  for (const pid of orphans) process.kill(pid, 'SIGKILL')
  return orphans
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
