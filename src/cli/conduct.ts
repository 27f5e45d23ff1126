import type { RunEnd } from '../pipeline/ending.ts'
import { openSession, type Session } from '../pipeline/ports.ts'
import { voiceOf } from '../pipeline/voice.ts'
import { type Fact, stamp } from '../report/events.ts'
import type { Failures } from '../report/failure.ts'
import { bug } from './errors.ts'
import { allErrors } from './errors-catalogue.ts'
import type { Machine } from './machine.ts'
import { createReporter, type Shown } from './modes.ts'
import { version } from './version.ts'

/** What every run explains its failures with. */
export const failures: Failures = { kinds: allErrors, bug }

/** Does a run within a session that is shown, can be stopped, and leaves nothing behind. @returns the exit code */
export async function conduct(
  machine: Machine,
  { workspace, shown }: { readonly workspace: string; readonly shown: Shown },
  work: (session: Session) => Promise<RunEnd>,
): Promise<number> {
  const { host, surroundings, timing, terminal } = machine
  const writeError = (text: string): void => surroundings.write(host.redactor.redact(text), 'stderr')
  const reporter = await createReporter({ ...shown, host, terminal, timing, writeError })
  let isOver = false
  const emit = (fact: Fact): void => {
    // A request that nobody waits for any more may still go on: what it says would stand behind the end.
    if (isOver) return
    const isDebug = fact.type === 'log' && fact.level === 'debug'
    if (shown.verbose || !isDebug) reporter.report(stamp(fact, timing.now()))
  }
  // The host has better means for messages than plain lines: annotations, masks, headings.
  const hostLog = host.name !== 'local' && shown.mode === 'plain'
  const { log } = voiceOf(() => undefined, { host, hostLog, emit })
  const { signal, release } = machine.stopOnSignals((line) => log.warn(line))
  const session = await openSession({ host, workspace, signal, version, emit, hostLog })
  const leave = (): void => {
    isOver = true
    reporter.close()
    session.close()
  }
  surroundings.onExit(leave)
  try {
    return (await work(session)).exit
  } finally {
    release()
    leave()
  }
}
