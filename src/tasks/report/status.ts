/** How a run or a task ended, whatever the CI system calls it. */
export type Status = 'passed' | 'failed' | 'cancelled' | 'not run'

/** A task of the run. */
export interface TaskStatus {
  readonly name: string
  /** The CI system's own word where it is none that we know. */
  readonly status: Status | (string & {})
}

/** Tekton: docs/pipelines.md, "Using execution status"; GitHub: the `job` context. */
const words: Readonly<Record<string, Status>> = {
  succeeded: 'passed',
  completed: 'passed',
  success: 'passed',
  failed: 'failed',
  failure: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  none: 'not run',
  skipped: 'not run',
}

/** The status that a word means; the word itself when it is none of them, nothing for a reference that nobody has replaced. */
export function statusOf(word: string | undefined): TaskStatus['status'] | undefined {
  if (word === undefined || word.trim() === '' || word.includes('$(')) return undefined
  return words[word.trim().toLowerCase()] ?? word.trim()
}

/** The tasks of a run in the order given. */
export function taskStatuses(given: Readonly<Record<string, string>>): readonly TaskStatus[] {
  return Object.entries(given).flatMap(([name, word]) => {
    const status = statusOf(word)
    return status === undefined ? [] : [{ name, status }]
  })
}

/** The status of the run: as given, else what its tasks say. Tekton says None of a run in which some were not started. */
export function runStatus(given: string | undefined, tasks: readonly TaskStatus[]): TaskStatus['status'] | undefined {
  const status = statusOf(given)
  if (status !== undefined && status !== 'not run') return status
  const told = tasks.map((task) => task.status)
  return (['failed', 'cancelled'] as const).find((bad) => told.includes(bad)) ?? (status === undefined ? undefined : 'cancelled')
}
