import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)

/** The program that starts real registries and platforms, beside this repository. */
export const labFile = process.env['SLIPWAY_LAB'] ?? join(dirname(root), 'shared', 'lab', 'lab')

/** A lab that somebody else started and will stop: there is room for one node on a machine. */
const running = process.env['SLIPWAY_LAB_RUNNING']

/** Whether another lab has the machine's only place for a node. */
export function isNodeTaken(): boolean {
  return (
    running === undefined &&
    globSync('/proc/[0-9]*/comm').some((file) => existsSync(file) && readFileSync(file, 'utf8').trim() === 'kubelet')
  )
}

/** Parts of the lab that run until disposed. */
export class Lab implements Disposable {
  /** What the parts publish: `LAB_REGISTRY` and so on. */
  readonly env: Readonly<Record<string, string>>
  readonly #folder: string
  readonly #name: string
  readonly #stop = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]()
    process.kill(process.pid, signal)
  }

  constructor(name: string, parts: readonly string[]) {
    this.#name = name
    this.#folder = running ?? mkdtempSync(join(tmpdir(), `slipway-${name}-`))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#stop)
    try {
      if (running === undefined) lab('up', this.#folder, ...parts)
      this.env = assignments(lab('env', this.#folder))
    } catch (failure) {
      this.keepLogs()
      this[Symbol.dispose]()
      throw failure
    }
  }

  /** Folders to put in front of PATH. */
  static path(): string[] {
    return lab('path').trim().split(delimiter)
  }

  keepLogs(): void {
    const logs = join(root, '.cache', 'results', `${this.#name}-logs`)
    cpSync(join(this.#folder, 'log'), logs, { recursive: true })
    process.stderr.write(`logs of the lab: ${logs}\n`)
  }

  [Symbol.dispose](): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, this.#stop)
    if (running !== undefined) return
    lab('down', this.#folder)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function lab(...argv: string[]): string {
  const { status, stdout, error } = spawnSync(labFile, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`lab ${argv.join(' ')} ended with ${status}`)
  return stdout
}

/** Reads lines of the form `export NAME=value`; the values here are addresses and paths, which bash does not quote. */
function assignments(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
}
