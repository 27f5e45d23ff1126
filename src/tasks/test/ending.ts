import { resolve } from 'node:path'
import { formatDuration } from '../../base/duration.ts'
import { readText } from '../../io/files.ts'
import type { ProcessResult } from '../../spec/ports.ts'
import { commandUnusable } from './errors.ts'

/** How the test command ended; undefined when nobody said. */
export interface Ending {
  readonly succeeded: boolean
  readonly timedOut: boolean
  /** Continues "the command …". */
  readonly text: string
}

export function endingOf({ code, signal, timedOut, duration }: ProcessResult): Ending {
  if (timedOut) return { succeeded: false, timedOut, text: `was ended after ${formatDuration(duration)}` }
  if (code !== null) return { ...endingOfCode(code), timedOut }
  const memory = signal === 'SIGKILL' ? ', most often for want of memory' : ''
  return { succeeded: false, timedOut, text: `was ended by ${signal ?? 'a signal'}${memory}` }
}

/** Reads the input `exit-code`: a number, or the path of a file (relative to the working directory) that holds one. */
export async function endingElsewhere(given: string, project: string): Promise<Ending> {
  const text = (/^\s*\d+\s*$/.test(given) ? given : await readText(resolve(project, given.trim()), 1024)).trim()
  if (!/^\d{1,3}$/.test(text)) {
    throw commandUnusable(
      `exit-code ${JSON.stringify(given)} gives ${JSON.stringify(text.slice(0, 40))}, expected a number from 0 to 255.`,
      {
        hint: 'On Tekton: $(steps.step-run.exitCode.path), and `onError: continue` for that step.',
      },
    )
  }
  return endingOfCode(Number(text))
}

function endingOfCode(code: number): Ending {
  // Shells and Tekton's entrypoint report a signal in this way.
  const signal = code === 137 ? ': it was killed, most often for want of memory' : ''
  return { succeeded: code === 0, timedOut: false, text: `ended with exit code ${code}${signal}` }
}
