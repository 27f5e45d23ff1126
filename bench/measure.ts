import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One run of a peer as a whole: its processes, and what daemons did for it meanwhile. */
export interface Sample {
  /** Seconds. */
  readonly wall: number
  /** Seconds of processors. */
  readonly cpu: number
  /** Bytes: the largest single process. */
  readonly memory: number
}

export interface Command {
  readonly argv: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const ticks = 100

/** Runs commands one after the other under GNU time. `daemons` are names of processes that work for them, as in /proc/PID/comm. */
export async function measure(commands: readonly Command[], daemons: readonly string[] = []): Promise<Sample> {
  const before = daemonState(daemons, 'reset')
  const begin = performance.now()
  const parts: Omit<Sample, 'wall'>[] = []
  for (const command of commands) parts.push(await timed(command))
  const wall = (performance.now() - begin) / 1000
  const after = daemonState(daemons)
  return {
    wall,
    cpu: parts.reduce((sum, { cpu }) => sum + cpu, after.cpu - before.cpu),
    memory: Math.max(after.memory, ...parts.map(({ memory }) => memory)),
  }
}

/** Runs a command that must succeed, unmeasured. */
export async function prepare(command: Command): Promise<void> {
  await timed(command)
}

async function timed({ argv, cwd, env }: Command): Promise<Omit<Sample, 'wall'>> {
  const file = join(tmpdir(), `slipway-bench-time-${process.pid}`)
  const child = spawn('/usr/bin/time', ['--format', '%U %S %M', '--output', file, ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-4000)
    })
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}\n${output}`)
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
  rmSync(file)
  return { cpu: user + system, memory: kilobytes * 1024 }
}

/** Processor time (their ended children included) and the highest memory since the last reset. */
function daemonState(names: readonly string[], reset?: 'reset'): Omit<Sample, 'wall'> {
  let cpu = 0
  let memory = 0
  for (const folder of names.length === 0 ? [] : globSync('/proc/[0-9]*')) {
    const comm = join(folder, 'comm')
    if (!existsSync(comm) || !names.includes(readFileSync(comm, 'utf8').trim())) continue
    const fields = readFileSync(join(folder, 'stat'), 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number)
    cpu += fields.slice(11, 15).reduce((sum, value) => sum + value, 0) / ticks
    if (reset !== undefined) writeFileSync(join(folder, 'clear_refs'), '5')
    memory = Math.max(memory, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(join(folder, 'status'), 'utf8'))?.[1] ?? 0) * 1024)
  }
  return { cpu, memory }
}
