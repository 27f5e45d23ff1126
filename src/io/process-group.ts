import type { ChildProcess } from 'node:child_process'

/** Milliseconds a group has between SIGTERM and SIGKILL. */
const graceToEnd = 3000
/** Milliseconds after the child's exit in which others may still hold its pipes: asked to end, then made to. */
const graceAfterExit = { ask: 1000, force: 2000 }

/** A child and all it has started: ended together, waited for together. */
export interface ProcessGroup {
  /** Resolves with the exit when the child has gone and its pipes are closed. */
  readonly closed: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** SIGTERM to all, SIGKILL after 3 s. */
  end(): void
}

/** The groups that are alive, so that none outlives us. */
export class ProcessGroups {
  readonly #alive = new Set<ChildProcess>()

  /** Watches a child started with `detached`, whose process id is that of its group. */
  watch(child: ChildProcess): ProcessGroup {
    this.#alive.add(child)
    child.once('close', () => this.#alive.delete(child))
    return watchGroup(child)
  }

  /** SIGKILL to all that are left: for a process that ends now and cannot wait. */
  kill(): void {
    for (const child of this.#alive) signalGroup(child, 'SIGKILL')
  }
}

function watchGroup(child: ChildProcess): ProcessGroup {
  const timers: NodeJS.Timeout[] = []
  let ending = false
  const after = (milliseconds: number, action: () => void): void => void timers.push(setTimeout(action, milliseconds))
  const closed = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    // The pipes stay open while any descendant holds them: a forgotten daemon must not hang the run.
    child.once('exit', () => {
      after(ending ? 0 : graceAfterExit.ask, () => signalGroup(child, 'SIGTERM'))
      after(ending ? 500 : graceAfterExit.force, () => {
        signalGroup(child, 'SIGKILL')
        child.stdout?.destroy()
        child.stderr?.destroy()
      })
    })
    child.once('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer)
      if (ending) signalGroup(child, 'SIGKILL')
      resolve({ code, signal })
    })
  })
  const end = (): void => {
    if (ending) return
    ending = true
    signalGroup(child, 'SIGTERM')
    after(graceToEnd, () => signalGroup(child, 'SIGKILL'))
  }
  return { closed, end }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH: the group has ended by itself.
  }
}
