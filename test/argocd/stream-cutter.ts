import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface StreamCutter extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  /** How many connections were cut. */
  cuts(): number
}

/** A TCP proxy that cuts each connection when `age` has passed since it was made, whatever goes over it. */
export async function cutStreams(server: string, age: () => Promise<void>): Promise<StreamCutter> {
  const { hostname, port } = new URL(server)
  const open = new Set<Socket>()
  let cuts = 0
  const proxy = createServer((inside) => {
    const outside = connect(Number(port), hostname)
    const end = (): void => {
      for (const socket of [inside, outside]) {
        socket.destroy()
        open.delete(socket)
      }
    }
    for (const socket of [inside, outside]) open.add(socket.on('error', end).on('close', end))
    inside.pipe(outside).pipe(inside)
    void age().then(() => {
      if (inside.destroyed) return
      cuts += 1
      end()
    })
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
