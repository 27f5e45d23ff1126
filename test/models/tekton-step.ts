import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Container } from '../../src/cli/tekton/containers.ts'
import { readTask } from '../../src/cli/tekton/resource.ts'
import { runSteps, type StepEnd, type TaskEnd } from '../../src/cli/tekton/run.ts'
import type { Params } from '../../src/cli/tekton/substitution.ts'
import { createSandbox, type Sandbox } from './tekton/sandbox.ts'

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

export interface TaskRun extends TaskEnd {
  readonly steps: readonly (StepEnd & { readonly log: string })[]
  readonly log: string
  readonly sandbox: Pick<Sandbox, 'user' | 'readOnlyRoot'>
  /** What the steps left in /tekton/home. */
  readonly home: string
}

/** Runs a Task as `slipway run --as tekton` does, and beyond it as the container's user and on a read-only root, where that can be. */
export async function runTask(options: TaskOptions): Promise<TaskRun> {
  const tekton = prepareTekton()
  const folders = Object.values(options.workspaces ?? {})
  const sandbox = createSandbox(process.execPath, [dirname(tekton), ...folders])
  for (const folder of [tekton, ...(options.fsGroup === false ? [] : folders)]) sandbox.share(folder)
  const logs: string[] = []
  const start = async (container: Container): Promise<number> => {
    const { log, code } = await runProgram(container, { sandbox, options, folder: tekton })
    logs.push(log)
    return code
  }
  const bindings = { params: options.params ?? {}, workspaces: options.workspaces ?? {}, secrets: options.secrets ?? {}, tekton }
  const end = await runSteps(readTask(options.task), bindings, start)
  const steps = end.steps.map((step, place) => ({ ...step, log: `${logs[place]}${step.fitted ? '' : lost}` }))
  return {
    ...end,
    ...{ steps, log: steps.map(({ log }) => log).join(''), home: join(tekton, 'home') },
    sandbox: { user: sandbox.user, readOnlyRoot: sandbox.readOnlyRoot },
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

/** What the entrypoint prints. */
const lost = 'Termination message is above max allowed size 4096, caused by large task result.\n'

function prepareTekton(): string {
  const root = mkdtempSync(join(tmpdir(), 'slipway-tekton-'))
  chmodSync(root, 0o755)
  for (const folder of ['results', 'home', 'steps']) mkdirSync(join(root, 'tekton', folder), { recursive: true })
  return join(root, 'tekton')
}

async function runProgram(
  container: Container,
  { sandbox, options, folder }: { readonly sandbox: Sandbox; readonly options: TaskOptions; readonly folder: string },
): Promise<{ readonly log: string; readonly code: number }> {
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
  return { log, code: code ?? 255 }
}

/** The entrypoint passes signals on to the whole group (cmd/entrypoint/runner.go). */
function signalAll(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}
