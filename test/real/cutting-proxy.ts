import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that drops the connection after so many bytes from the client, so many times. */
export async function cutting(
  target: string,
  { after, times }: { after: number; times: number },
): Promise<AsyncDisposable & { address: string; cuts(): number }> {
  let cuts = 0
  const open = new Set<Socket>()
  const server = createServer((inside) => {
    open.add(inside)
    const [host, port] = target.split(':')
    const outside = connect(Number(port), host)
    let seen = 0
    inside.on('data', (piece) => {
      seen += piece.length
      if (seen > after && cuts < times) {
        cuts += 1
        inside.destroy()
        outside.destroy()
      } else outside.write(piece)
    })
    outside.pipe(inside)
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy())
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy())
  })
  const address = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      resolve(`127.0.0.1:${bound === null || typeof bound === 'string' ? 0 : bound.port}`)
    })
  })
  return {
    address,
    cuts: () => cuts,
    [Symbol.asyncDispose]: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
