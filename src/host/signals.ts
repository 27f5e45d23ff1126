/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

export type StopSignal = keyof typeof exitCodes

/** Why a run was aborted: somebody wants it to end. No failure of a task. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  readonly signal: StopSignal
  readonly exitCode: number

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`)
    this.signal = signal
    this.exitCode = exitCodes[signal]
  }
}

export interface StopOptions {
  /** Prints a line for the person or runner that sent the signal. */
  readonly print: (line: string) => void
  /** Milliseconds that the work has to end by itself. Default 6 000: GitHub's runner waits 7.5 s, with time left to clean up, and a program that is deaf to SIGTERM takes 3.5. */
  readonly grace?: number
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, whose reason is a {@link Stopped}. The process ends with the signal's
 * exit code when the work has ended, after the grace whether it has or not, and at once on a second signal; what was
 * registered with `Surroundings.onExit` is done each time.
 */
export function stopOnSignals({ print, grace = 6000 }: StopOptions): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const stop = (name: StopSignal): void => {
    const reason = new Stopped(name)
    if (controller.signal.aborted) process.exit(reason.exitCode)
    process.exitCode = reason.exitCode
    print(`${name} received: stopping; send it again to end at once`)
    setTimeout(() => {
      print('the work did not stop in time: ending it')
      process.exit(reason.exitCode)
    }, grace).unref()
    controller.abort(reason)
  }
  const names = Object.keys(exitCodes) as StopSignal[]
  for (const name of names) process.on(name, stop)
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, stop)
    },
  }
}

export interface BugOptions {
  /** Prints lines, secrets hidden. */
  readonly print: (text: string) => void
  readonly version: string
}

/** Ends the process with exit code 1 and what to send us, when an error or rejection reaches nobody. */
export function endOnBugs({ print, version }: BugOptions): void {
  const end = (error: unknown): void => {
    print(bugText(error, version))
    process.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}

/** What to say of anything thrown that is no TaskError. */
export function bugText(error: unknown, version: string): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [
    'This is a mistake in Slipway, not in your project.',
    `Please report it with these lines: slipway ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
    stack,
  ].join('\n')
}
