import type { Ending } from '../../spec/host.ts'

/** Bytes kept of the headline: the verdict shares a small message with all other results. */
const longestNote = 128

/** Konflux's `TEST_OUTPUT` (its ADR-0030) of a task with the outputs `passed`, `failed` and, where it has them, `warnings`. */
export function testOutput({ outputs, failed, headline }: Ending, now: number): string {
  const count = (name: string): number => Number.parseInt(outputs.get(name) ?? '', 10) || 0
  const failures = count('failed')
  return JSON.stringify({
    result: verdict({ ran: (outputs.get('failed') ?? '') !== '', failed: failed || failures > 0, successes: count('passed') }),
    timestamp: new Date(now).toISOString(),
    successes: count('passed'),
    failures,
    warnings: count('warnings'),
    ...(headline === undefined ? {} : { note: shortened(headline) }),
  })
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
