import { setTimeout as delay } from 'node:timers/promises'

/** Time of a stage: it stands still unless somebody sleeps, and a machine that is slow, busy or stopped slows it down as well. */
export interface StageClock {
  /** Seconds that pass in one of the machine's, at most. */
  readonly speed: number
  /** Milliseconds since 1970. */
  now(): number
  sleep(milliseconds: number): Promise<void>
  /** Lets no time pass while others work, whose speed is the machine's: a program that is run. */
  during<T>(work: Promise<T>): Promise<T>
}

/** Milliseconds of the machine between two steps of a clock; in between all get their turn who have something to do. */
const step = 2

/** A clock of a test's own, on which so many seconds pass in one of the machine's, at most. */
export function stageClock(speed = 1): StageClock {
  let now = Date.now()
  let working = 0
  let isRunning = false
  let sleeping: { readonly until: number; readonly wake: () => void }[] = []
  const run = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    while (sleeping.length > 0) {
      await delay(step)
      if (working > 0) continue
      now += step * speed
      const due = sleeping.filter(({ until }) => until <= now)
      sleeping = sleeping.filter(({ until }) => until > now)
      for (const { wake } of due.toSorted((a, b) => a.until - b.until)) wake()
    }
    isRunning = false
  }
  return {
    speed,
    now: () => now,
    sleep(milliseconds) {
      const woken = new Promise<void>((wake) => void sleeping.push({ until: now + milliseconds, wake }))
      void run()
      return woken
    },
    async during(work) {
      working += 1
      try {
        return await work
      } finally {
        working -= 1
      }
    },
  }
}

/** As Kubernetes writes it: whole seconds. */
export function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
