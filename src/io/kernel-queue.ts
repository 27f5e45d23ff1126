import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/**
 * Bytes that the kernel holds of a connection until the other side has them; 0 where nobody tells: Node does not, Linux does
 * (proc_pid_net(5), tcp). A kernel holds megabytes, and takes more only when a third of them has gone.
 */
export function kernelQueue({ localPort = 0, remotePort = 0 }: Pick<Socket, 'localPort' | 'remotePort'>): number {
  const [local, remote] = [localPort, remotePort].map((port) => port.toString(16).toUpperCase().padStart(4, '0'))
  // sl local_address rem_address st tx_queue:rx_queue; of two connections between equal ports either is as good a sign.
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:${local} [0-9A-F]+:${remote} [0-9A-F]{2} ([0-9A-F]+):`, 'gm')
  const queues = ['tcp', 'tcp6'].flatMap((table) =>
    [...tableOf(table).matchAll(line)].map(([, queued = '']) => Number.parseInt(queued, 16)),
  )
  return queues.reduce((sum, queued) => sum + queued, 0)
}

function tableOf(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'latin1')
  } catch {
    return ''
  }
}
