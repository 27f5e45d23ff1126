import { kebab } from '../../base/names.ts'
import type { Ending } from '../../spec/host.ts'

/** Bytes kept of the headline: the verdict shares a small message with all other results. */
const longestNote = 128

/** Konflux's `TEST_OUTPUT` (its ADR-0030) of a task with the outputs `passed`, `failed` and, where it has them, `warnings`. */
export function testOutput(ending: Ending, now: number): string {
  const { outputs, failed } = ending
  const [successes, failures] = [countOf(outputs, 'passed'), countOf(outputs, 'failed')]
  const result = verdict({ ran: (outputs.get('failed') ?? '') !== '', failed: failed || failures > 0, successes })
  return written({ result, successes, failures, warnings: countOf(outputs, 'warnings') }, ending, now)
}

/** The same of a task that says pass or fail in an output; what it counts in others and lets through are warnings. */
export function verdictOutput(
  ending: Ending,
  { verdict: output, warnings }: { readonly verdict: string; readonly warnings: readonly string[] },
  now: number,
): string {
  const said = ending.outputs.get(kebab(output)) ?? ''
  const found = warnings.reduce((sum, name) => sum + countOf(ending.outputs, kebab(name)), 0)
  if (said === 'pass' && !ending.failed) return written({ result: 'SUCCESS', successes: 1, failures: 0, warnings: found }, ending, now)
  return written(
    { result: said === 'fail' ? 'FAILURE' : 'ERROR', successes: 0, failures: said === 'fail' ? 1 : 0, warnings: 0 },
    ending,
    now,
  )
}

interface Judged {
  readonly result: string
  readonly successes: number
  readonly failures: number
  readonly warnings: number
}

function written({ result, ...counts }: Judged, { headline }: Ending, now: number): string {
  const note = headline === undefined ? {} : { note: shortened(headline) }
  return JSON.stringify({ result, timestamp: new Date(now).toISOString(), ...counts, ...note })
}

function countOf(outputs: Ending['outputs'], name: string): number {
  return Number.parseInt(outputs.get(name) ?? '', 10) || 0
}

function verdict({ ran, failed, successes }: { readonly ran: boolean; readonly failed: boolean; readonly successes: number }): string {
  if (!ran) return 'ERROR'
  if (failed) return 'FAILURE'
  return successes === 0 ? 'SKIPPED' : 'SUCCESS'
}

function shortened(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.length <= longestNote
    ? text
    : `${bytes
        .subarray(0, longestNote - 3)
        .toString()
        .replace(/\ufffd*$/, '')}…`
}
