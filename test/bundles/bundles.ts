import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll } from '@jest/globals'
import { load } from 'js-yaml'
import { forget, runStep, type StepOptions, type StepResult } from '../models/runner.ts'
import { forgetRun, runTask, type TaskOptions, type TaskRun } from '../models/tekton-step.ts'

const repository = dirname(dirname(import.meta.dirname))

const forgetting: (() => void)[] = []
afterAll(() => {
  for (const forgetOne of forgetting) forgetOne()
})

/** The entry of a task's bundle, or of the command. Whether it is what the sources give is `npm run build -- --check`'s to say. */
export function bundle(name: string): string {
  const path = join(repository, 'dist', name, 'index.js')
  if (!existsSync(path)) throw new Error(`${path} is not there: run \`npm run build\` first`)
  return path
}

/** A task's bundle as a step of a GitHub job. */
export async function onGithub(task: string, options: Omit<StepOptions, 'argv'>): Promise<StepResult> {
  const result = await runStep({ argv: [process.execPath, bundle(task)], ...options })
  forgetting.push(() => forget(result))
  return result
}

/** A task's bundle as the generated Task runs it. */
export async function onTekton(task: string, options: Omit<TaskOptions, 'task' | 'program'>): Promise<TaskRun> {
  const yaml = load(readFileSync(join(repository, 'tekton', 'tasks', `${task}.yaml`), 'utf8'))
  const result = await runTask({ task: yaml, program: onThisMachine, ...options })
  forgetting.push(() => forgetRun(result))
  return result
}

/** Finds the image's node and bundles on this machine; the program of the user's own step stays what it is. */
function onThisMachine(argv: readonly string[]): readonly string[] {
  const [program, path = '', ...rest] = argv
  const name = /^\/opt\/slipway\/dist\/([^/]+)\/index\.js$/.exec(path)?.[1]
  return program === 'node' && name !== undefined ? [process.execPath, bundle(name), ...rest] : argv
}

export interface LocalOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Programs around node, such as `unshare --mount …`. */
  readonly around?: readonly string[]
  /** Who runs it, when the tests run as root. */
  readonly user?: number | undefined
  /** An open file that takes what it prints, in place of the result. */
  readonly stdout?: number | 'pipe'
  /** Called with the process, and whenever something was written. */
  readonly watch?: (child: { kill(signal: NodeJS.Signals): void }, stdout: string) => void
}

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The `slipway` command on a laptop. */
export function slipway(
  argv: readonly string[],
  { cwd, environment = {}, around = [], user, stdout = 'pipe', watch }: LocalOptions,
): Promise<Ran> {
  const env = { PATH: [dirname(process.execPath), process.env['PATH']].join(':'), HOME: cwd, SLIPWAY_HOST: 'local', ...environment }
  const [program = '', ...args] = [...around, process.execPath, bundle('slipway'), ...argv]
  const as = user === undefined ? {} : { uid: user, gid: user }
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', stdout, 'pipe'], ...as })
  const output = { stdout: '', stderr: '' }
  watch?.(child, '')
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
      watch?.(child, output.stdout)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...output }))
  })
}
