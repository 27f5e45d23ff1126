import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { neutralise } from '../base/untrusted.ts'
import { detectHost } from '../host/detect.ts'
import { localHost } from '../host/local.ts'
import { processSurroundings, type Surroundings } from '../host/process-environment.ts'
import { endOnBugs, stopOnSignals } from '../host/signals.ts'
import { isInside, removeTree } from '../io/files.ts'
import { runSingle } from '../pipeline/single.ts'
import { systemTiming } from '../report/reporter.ts'
import type { Host } from '../spec/host.ts'
import { tasks } from '../tasks/registry.ts'
import { conduct, failures } from './conduct.ts'
import { taskNamed } from './find.ts'
import type { Machine } from './machine.ts'
import { main, tellError } from './main.ts'
import { nodeFault } from './node-version.ts'
import { rootAction } from './root-action.ts'
import { terminalOf } from './terminal.ts'
import { version } from './version.ts'

/** Milliseconds that open sockets and the like may keep the process after its work; output that is still read may for longer. */
const leaveTime = 2000

/** Exit codes of a process whose work came to no end: none was set, or node says that a top-level await is unsettled. */
const unsettled: readonly (typeof process.exitCode)[] = [undefined, 13]

/** One task, on whatever host this is. */
export async function runTask(name: string, surroundings?: Surroundings): Promise<void> {
  await enter(async (machine) => {
    const task = taskNamed(name, machine.tasks)
    return conduct(machine, { workspace: machine.host.workspace, shown: { mode: 'plain', verbose: false } }, (session) =>
      runSingle({ session, task, inputs: () => machine.host.inputs(task.definition), failures }),
    )
  }, surroundings)
}

/** The `slipway` command, which is the root action where a CI system starts it without arguments. */
export async function runCommand(surroundings?: Surroundings): Promise<void> {
  await enter((machine) => {
    const { argv } = machine.surroundings
    return machine.host.name !== 'local' && argv.length === 0 ? rootAction(machine) : main(argv, machine)
  }, surroundings)
}

/** Does the work on the real machine and leaves its exit code to the process, which ends when all is written. */
export async function enter(work: (machine: Machine) => Promise<number>, surroundings = processSurroundings()): Promise<void> {
  const host = hostOf(surroundings)
  if (host === undefined) return
  const unfit = nodeFault(process.versions.node)
  if (unfit !== undefined) {
    process.exitCode = tellError(unfit, { host, surroundings, terminal: terminalOf(process.stdout, host) })
    return
  }
  const print = (text: string): void => surroundings.write(`${neutralise(host.redactor.redact(text))}\n`, 'stderr')
  endOnBugs({ print, version })
  const remembered = host.remembered()
  if (remembered !== undefined) return cleanUp(host, remembered)
  const machine: Machine = {
    surroundings,
    host,
    terminal: terminalOf(process.stdout, host),
    timing: systemTiming,
    tasks,
    bundles: dirname(dirname(fileURLToPath(import.meta.url))),
    stopOnSignals: (line) => stopOnSignals({ print: line }),
  }
  let isDone = false
  surroundings.onExit(() => {
    if (isDone || !unsettled.includes(process.exitCode)) return
    print('Slipway ended before its work was done: nothing was left to wait for. This is a mistake in Slipway; please report it.')
    process.exitCode = 1
  })
  process.exitCode = await work(machine).catch((error: unknown) => tellError(error, machine))
  isDone = true
  // When nothing is left to wait for, the memory need not be cleared before the process goes.
  process.once('beforeExit', () => process.exit())
  // A connection or child that a task left open must not hold a job; who reads slowly gets all that was written.
  setTimeout(exitWhenWritten, leaveTime).unref()
}

function exitWhenWritten(): void {
  whenWritten(process.stdout, () => whenWritten(process.stderr, () => process.exit()))
}

/** Calls when a stream has written all, or cannot. */
function whenWritten(stream: NodeJS.WriteStream, call: () => void): void {
  if (stream.writableLength === 0) call()
  else stream.write('', () => call())
}

/** The host, or undefined when its error has been told: as on a laptop, for there is no host to tell it. */
function hostOf(surroundings: Surroundings): Host | undefined {
  try {
    return detectHost({ surroundings })
  } catch (error) {
    const host = localHost(surroundings)
    process.exitCode = tellError(error, { host, surroundings, terminal: terminalOf(process.stdout, host) })
    return undefined
  }
}

/** After a run that was killed: its temporary folders, which may hold credentials. */
async function cleanUp(host: Host, remembered: ReadonlyMap<string, string>): Promise<void> {
  const folders = [...remembered].filter(
    ([name, path]) => name.startsWith('temporary-') && isInside(host.temporary, path) && path !== host.temporary,
  )
  for (const [, path] of folders) await removeTree(path)
}
