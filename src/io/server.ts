import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { systemCode } from '../base/errors.ts'
import { listenFailed } from './errors.ts'

export type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers one request. When it throws, the client gets 500, or a cut connection if the answer had begun. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** PEM texts; https then. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Told of what a handler threw. */
  readonly onError?: (error: unknown) => void
}

export interface Listening {
  /** `http://127.0.0.1:5000`, without a final slash. */
  readonly url: string
  /** `127.0.0.1:5000`, as it stands in front of a repository name. */
  readonly address: string
  readonly port: number
  /** Stops; open connections are cut. */
  close(): Promise<void>
}

/** Starts an HTTP server; resolves when it accepts connections. */
export async function listen(handler: Handler, options: ListenOptions = {}): Promise<Listening> {
  const { host = '127.0.0.1', port: wanted = 0, tls } = options
  const answer = (request: IncomingMessage, response: ServerResponse): void => void answered(handler, options, { request, response })
  const limits = { highWaterMark: 1024 * 1024, requestTimeout: 0, maxHeaderSize: 32 * 1024 }
  const server = tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tls }, answer)
  const port = await start(server, host, wanted)
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return { url: `${tls === undefined ? 'http' : 'https'}://${address}`, address, port, close: () => stop(server) }
}

async function answered(
  handler: Handler,
  { onError }: ListenOptions,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  try {
    await handler(request, response)
  } catch (error) {
    onError?.(error)
    if (response.headersSent) response.destroy()
    else response.writeHead(500, { connection: 'close' }).end()
  }
}

async function start(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailed(`Cannot listen on ${host}:${port}: ${systemCode(error) ?? 'unknown error'}.`, {
      cause: error,
      hint: 'Choose another port, or 0 for any free one.',
    })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

async function stop(server: Server): Promise<void> {
  const closed = server.listening ? once(server, 'close') : undefined
  server.close()
  server.closeAllConnections()
  await closed
}
