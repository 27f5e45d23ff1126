import type { Event } from './events.ts'

/** Shows events. */
export interface Reporter {
  report(event: Event): void
  /** Leaves the screen in order; called once, also when the run is stopped by force. */
  close(): void
}

/** Where a reporter writes, and what can be shown there. */
export interface Screen {
  /** Whole lines, or for the tree its own control sequences. */
  write(text: string): void
  /** As wide as it is now. */
  columns(): number
  rows(): number
  readonly color: boolean
  /** Whether more than ASCII can be shown. */
  readonly unicode: boolean
}

/** Time as a reporter needs it. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls again and again until the answer is called; keeps no process alive. */
  every(milliseconds: number, act: () => void): () => void
}

/** The machine's timing. */
export const systemTiming: Timing = {
  now: Date.now,
  every(milliseconds, act) {
    const timer = setInterval(act, milliseconds).unref()
    return () => clearInterval(timer)
  },
}
