import { join } from 'node:path'
import { type Entry, encodeMessage, fits, readResults, recordedMessage } from '../../host/tekton/termination.ts'
import { ensureFolder, exists, readBytes, writeAtomic } from '../../io/files.ts'
import { type Bindings, type Container, containers } from './containers.ts'
import type { Runnable } from './resource.ts'

/** Runs a container's program to its end. @returns its exit code, 255 when a signal ended it */
export type Start = (container: Container) => Promise<number>

export interface StepEnd extends Container {
  /** Of the container: 1 when its results are too large, 0 when it may fail. */
  readonly exitCode: number
  /** Of the program. */
  readonly code: number
  /** Whether the results fitted into its termination message. */
  readonly fitted: boolean
  /** As the kubelet records it. */
  readonly terminationMessage: string
}

export interface TaskEnd {
  readonly exitCode: number
  readonly failed: boolean
  /** Of the last step that ran; undefined when they were lost. */
  readonly results: ReadonlyMap<string, string> | undefined
  readonly terminationMessage: string
  readonly steps: readonly StepEnd[]
}

/** Bytes: nothing near this fits into a termination message. */
const resultLimit = 1024 * 1024

/** Runs the steps of a Task one after another as Tekton 1.15 does on Kubernetes; `bindings.tekton` is a folder that there is. */
export async function runSteps(task: Runnable, bindings: Bindings, start: Start): Promise<TaskEnd> {
  for (const folder of ['results', 'home', 'steps']) await ensureFolder(join(bindings.tekton, folder))
  const steps: StepEnd[] = []
  for (const container of containers(task, bindings)) {
    const step = await runStep(container, { task, bindings, start })
    steps.push(step)
    if (step.exitCode !== 0) break
  }
  const { exitCode, terminationMessage } = steps.at(-1) ?? { exitCode: 1, terminationMessage: '' }
  return { exitCode, terminationMessage, steps, failed: exitCode !== 0, results: readResults(terminationMessage) }
}

/** What the entrypoint does around the program (pkg/entrypoint/entrypointer.go). */
async function runStep(
  container: Container,
  { task, bindings, start }: { readonly task: Runnable; readonly bindings: Bindings; readonly start: Start },
): Promise<StepEnd> {
  const started = entry('StartedAt', new Date().toISOString())
  const code = await start(container)
  const ignored = container.onError === 'continue'
  await writeExitCode(container, bindings, String(code))
  const results = await readFiles(task, bindings)
  const internal = [started, ...(ignored && code !== 0 ? [entry('ExitCode', String(code))] : [])]
  const { message, fitted } = leaveMessage(results, internal)
  return {
    ...container,
    ...{ code, fitted, exitCode: fitted ? (ignored ? 0 : code) : 1 },
    terminationMessage: recordedMessage(message, task.steps.length + 2),
  }
}

/** The entrypoint writes the results first and then adds what it says itself; what does not fit is not written. */
function leaveMessage(results: readonly Entry[], internal: readonly Entry[]): { readonly message: string; readonly fitted: boolean } {
  const [first, whole] = [encodeMessage(results), encodeMessage([...results, ...internal])]
  if (fits(whole)) return { message: whole, fitted: true }
  return { message: fits(first) ? first : encodeMessage(internal), fitted: false }
}

function entry(key: string, value: string): Entry {
  return { key, value: Buffer.from(value), type: 3 }
}

async function readFiles(task: Runnable, { tekton }: Bindings): Promise<readonly Entry[]> {
  const type = task.owner === '' ? 1 : 4
  const entries: Entry[] = []
  for (const name of task.results) {
    const path = join(tekton, 'results', name)
    if (await exists(path)) entries.push({ key: name, value: await readBytes(path, resultLimit), type })
  }
  return entries
}

async function writeExitCode({ name }: Container, { tekton }: Bindings, code: string): Promise<void> {
  const folder = join(tekton, 'steps', `step-${name}`)
  await ensureFolder(folder)
  await writeAtomic(join(folder, 'exitCode'), code, { mode: 0o644 })
}
