import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Bindings, type Container, containers } from './tekton/pod.ts'
import { createSandbox, type Sandbox } from './tekton/sandbox.ts'
import type { Params } from './tekton/substitution.ts'
import { type Runnable, readTask } from './tekton/task.ts'
import { type Entry, encodeMessage, fits, readResults, recordedMessage } from './tekton/termination.ts'

export interface TaskOptions {
  /** A Task or StepAction, as YAML parses. */
  readonly task: unknown
  readonly params?: Params
  /** Folders on this machine, by workspace. */
  readonly workspaces?: Readonly<Record<string, string>>
  /** Secrets of the namespace: keys and values, by name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Finds on this machine what a command names in its image. */
  readonly program?: (argv: readonly string[]) => readonly string[]
  /** Added to the environment of every step, as a pod template could. */
  readonly environment?: Readonly<Record<string, string>>
  /** Whether volumes belong to the step's group, as with `podTemplate.securityContext.fsGroup: 65532`. Default true. */
  readonly fsGroup?: boolean
  readonly cancel?: {
    /** Begins when the output holds this. */ readonly at: string /** Milliseconds from SIGTERM to SIGKILL; the kubelet's are 30 000. */
    readonly grace?: number
  }
}

export interface StepRun {
  readonly name: string
  /** Of the container: 255 when a signal ended the program, 1 when its results are too large. */
  readonly exitCode: number
  readonly argv: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly log: string
  /** As the kubelet records it. */
  readonly terminationMessage: string
}

export interface TaskRun {
  readonly exitCode: number
  readonly failed: boolean
  /** Of the last step that ran; undefined when they were lost. */
  readonly results: ReadonlyMap<string, string> | undefined
  readonly terminationMessage: string
  readonly log: string
  readonly steps: readonly StepRun[]
  readonly sandbox: Pick<Sandbox, 'user' | 'readOnlyRoot'>
  /** What the steps left in /tekton/home. */
  readonly home: string
}

/** Runs the steps of a Task one after another as Tekton 1.15 does on Kubernetes, each as a process of this machine. */
export async function runTask(options: TaskOptions): Promise<TaskRun> {
  const task = readTask(options.task)
  const tekton = prepareTekton()
  const folders = Object.values(options.workspaces ?? {})
  const sandbox = createSandbox(process.execPath, [dirname(tekton), ...folders])
  for (const folder of [tekton, ...(options.fsGroup === false ? [] : folders)]) sandbox.share(folder)
  const bindings = { params: options.params ?? {}, workspaces: options.workspaces ?? {}, secrets: options.secrets ?? {}, tekton }
  const steps: StepRun[] = []
  for (const container of containers(task, bindings)) {
    const step = await runStep(container, { task, bindings, sandbox, options })
    steps.push(step)
    if (step.exitCode !== 0) break
  }
  const { exitCode, terminationMessage } = steps.at(-1) ?? { exitCode: 1, terminationMessage: '' }
  return {
    ...{ exitCode, terminationMessage, steps, failed: exitCode !== 0, results: readResults(terminationMessage) },
    ...{
      log: steps.map(({ log }) => log).join(''),
      home: join(tekton, 'home'),
      sandbox: { user: sandbox.user, readOnlyRoot: sandbox.readOnlyRoot },
    },
  }
}

/** Doubles what Kubernetes would halve: how a pipeline's author writes a value with `$` in it. */
export function escapeParam(value: string): string {
  return value.replaceAll('$', '$$$$')
}

/** Removes what the model made for a run. */
export function forgetRun({ home }: TaskRun): void {
  rmSync(join(home, '..', '..'), { recursive: true, force: true })
}

function prepareTekton(): string {
  const root = mkdtempSync(join(tmpdir(), 'slipway-tekton-'))
  chmodSync(root, 0o755)
  for (const folder of ['results', 'home', 'steps']) mkdirSync(join(root, 'tekton', folder), { recursive: true })
  return join(root, 'tekton')
}

interface Around {
  readonly task: Runnable
  readonly bindings: Bindings
  readonly sandbox: Sandbox
  readonly options: TaskOptions
}

/** What the entrypoint does around the program (pkg/entrypoint/entrypointer.go). */
async function runStep(container: Container, { task, bindings, sandbox, options }: Around): Promise<StepRun> {
  const started = entry('StartedAt', new Date().toISOString())
  const { argv, log, code } = await runProgram(container, { sandbox, options, folder: bindings.tekton })
  const ignored = container.onError === 'continue'
  writeExitCode(container, bindings, String(code))
  const results = readFiles(task, bindings)
  const internal = [started, ...(ignored && code !== 0 ? [entry('ExitCode', String(code))] : [])]
  const { message, taken } = leaveMessage(results, internal)
  const lost = taken ? '' : 'Termination message is above max allowed size 4096, caused by large task result.\n'
  return {
    ...{ name: container.name, argv, environment: container.environment, log: log + lost },
    exitCode: taken ? (ignored ? 0 : code) : 1,
    terminationMessage: recordedMessage(message, task.steps.length + 2),
  }
}

/** The entrypoint writes the results first and then adds what it says itself; what does not fit is not written. */
function leaveMessage(results: readonly Entry[], internal: readonly Entry[]): { readonly message: string; readonly taken: boolean } {
  const [first, whole] = [encodeMessage(results), encodeMessage([...results, ...internal])]
  if (fits(whole)) return { message: whole, taken: true }
  return { message: fits(first) ? first : encodeMessage(internal), taken: false }
}

function entry(key: string, value: string): Entry {
  return { key, value: Buffer.from(value), type: 3 }
}

function readFiles(task: Runnable, { tekton }: Bindings): readonly Entry[] {
  const files = task.results.map((name) => ({ name, path: join(tekton, 'results', name) }))
  const type = task.owner === '' ? 1 : 4
  return files.filter(({ path }) => existsSync(path)).map(({ name, path }) => ({ key: name, value: readFileSync(path), type }))
}

function writeExitCode({ name }: Container, { tekton }: Bindings, code: string): void {
  mkdirSync(join(tekton, 'steps', `step-${name}`), { recursive: true })
  writeFileSync(join(tekton, 'steps', `step-${name}`, 'exitCode'), code)
}

async function runProgram(
  container: Container,
  { sandbox, options, folder }: { readonly sandbox: Sandbox; readonly options: TaskOptions; readonly folder: string },
): Promise<{ readonly argv: readonly string[]; readonly log: string; readonly code: number }> {
  const argv = options.program?.(container.argv) ?? container.argv
  const [program = '', ...args] = sandbox.wrap(argv)
  // A user that /etc/passwd does not know has its home at the root.
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
    HOME: '/',
    ...Object.fromEntries(container.environment),
    ...options.environment,
  }
  const child = spawn(program, args, {
    cwd: container.workingDir || dirname(folder),
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  let timer: NodeJS.Timeout | undefined
  const see = (text: string): void => {
    log += text
    if (timer !== undefined || options.cancel === undefined || !log.includes(options.cancel.at)) return
    signalAll(child.pid, 'SIGTERM')
    timer = setTimeout(() => signalAll(child.pid, 'SIGKILL'), options.cancel.grace ?? 30_000)
  }
  child.stdout.setEncoding('utf8').on('data', see)
  child.stderr.setEncoding('utf8').on('data', see)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { argv: container.argv, log, code: code ?? 255 }
}

/** The entrypoint passes signals on to the whole group (cmd/entrypoint/runner.go). */
function signalAll(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}
