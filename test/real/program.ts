import { spawn } from 'node:child_process'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd?: string
  /** Replaces the environment when given. */
  readonly env?: NodeJS.ProcessEnv
  /** What the program reads on its standard input; nothing when not given. */
  readonly input?: string
}

/** Runs a program to its end, whatever its exit status. */
export function end(argv: readonly string[], { cwd, env = process.env, input = '' }: ProgramOptions = {}): Promise<Ended> {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined).end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

/** Runs a program that must succeed, and returns what it printed. */
export async function output(argv: readonly string[], options?: ProgramOptions): Promise<string> {
  const { status, stdout, stderr } = await end(argv, options)
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}
