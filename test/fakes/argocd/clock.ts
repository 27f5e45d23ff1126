import { setTimeout as delay } from 'node:timers/promises'

/** Time of a stage; it may run faster than the machine's. */
export interface StageClock {
  readonly speed: number
  /** Milliseconds since 1970. */
  now(): number
  sleep(milliseconds: number): Promise<void>
}

/** A clock on which so many seconds pass in one of the machine's. */
export function stageClock(speed = 1): StageClock {
  const start = Date.now()
  return {
    speed,
    now: () => start + (Date.now() - start) * speed,
    sleep: (milliseconds) => delay(milliseconds / speed),
  }
}

/** As Kubernetes writes it: whole seconds. */
export function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
