import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Sends a signal to a part of the lab that published this kubeconfig, and to no other process. */
export function signal(kubeconfig: string, part: string, name: NodeJS.Signals): void {
  process.kill(pidOf(kubeconfig, part), name)
}

/** Kills a part at once and starts it again as it was, so many milliseconds later. The lab stops the new one with its others. */
export async function restart(kubeconfig: string, part: string, after: number): Promise<void> {
  const pid = pidOf(kubeconfig, part)
  const [program = '', ...argv] = list(`/proc/${pid}/cmdline`)
  const pairs = list(`/proc/${pid}/environ`).map((line): [string, string] => [
    line.split('=', 1)[0] ?? '',
    line.slice(line.indexOf('=') + 1),
  ])
  process.kill(pid, 'SIGKILL')
  await wait(after)
  const again = spawn(program, argv, { env: Object.fromEntries(pairs), detached: true, stdio: 'ignore' })
  again.unref()
  appendFileSync(pidsOf(kubeconfig), `${again.pid} ${part}\n`)
}

function pidOf(kubeconfig: string, part: string): number {
  const lines = readFileSync(pidsOf(kubeconfig), 'utf8').trim().split('\n')
  const found = lines.map((line) => line.split(' ')).findLast(([, name]) => name === part)
  if (found === undefined) throw new Error(`the lab has no ${part}`)
  return Number(found[0])
}

function pidsOf(kubeconfig: string): string {
  return join(dirname(kubeconfig), 'pids')
}

function list(file: string): string[] {
  return readFileSync(file, 'utf8').split('\0').filter(Boolean)
}
