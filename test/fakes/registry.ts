import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { type IncomingMessage, listen, type ServerResponse } from '../../src/io/server.ts'
import type { Log } from '../../src/spec/ports.ts'
import { type AuthOptions, type AuthService, authService } from './registry-auth.ts'

/** A request as it came, its body whole. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Something that goes wrong, for the requests it is about and as often as it says; the last of several that fit counts. */
export interface Fault {
  readonly on: RegExp
  /** Default: always. */
  readonly times?: number
  /** Answers in place of the registry; `cut` drops the connection. */
  readonly instead?: (asked: Asked) => Reply | 'cut'
  /** Drops the connection after so many bytes of the request's body. */
  readonly cutBodyAfter?: number
  /** Changes what the registry answered; `send` may differ from what `content-length` says. */
  readonly after?: (reply: Reply, asked: Asked) => Reply & { readonly announce?: number }
}

export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:5000` */
  readonly address: string
  readonly url: string
  /** `METHOD path status`, digests and upload sessions shortened, in the order of the answers. */
  readonly log: string[]
  /** Every request that reached the server, also those cut. */
  readonly asked: Asked[]
  /** What the token service was asked. */
  readonly tokens: readonly { readonly method: string; readonly authorization: string | undefined; readonly parameters: URLSearchParams }[]
  fail(...faults: Fault[]): void
  /** The registry behind, without any fault. */
  readonly inner: string
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

/** Our own registry on loopback, seen through a proxy that keeps a log of requests, asks for authorisation, and breaks on demand. */
export async function startFakeRegistry({ auth, faults = [] }: { auth?: AuthOptions; faults?: Fault[] } = {}): Promise<FakeRegistry> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-fake-registry-'))
  const inner = await listen(await createRegistry({ root, log: silent }))
  const log: string[] = []
  const asked: Asked[] = []
  const active = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }))
  const service: AuthService | undefined = auth === undefined ? undefined : authService(auth)
  const server = await listen(handle)
  return {
    address: server.address,
    url: server.url,
    inner: inner.url,
    log,
    asked,
    tokens: service?.asked ?? [],
    fail: (...more) => void active.push(...more.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }))),
    async [Symbol.asyncDispose]() {
      await server.close()
      await inner.close()
      await rm(root, { recursive: true })
    },
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bare = `${request.method} ${request.url}`
    const fault = active.findLast((candidate) => candidate.left > 0 && candidate.fault.on.test(bare))
    const body = await bodyOf(request, fault?.fault.cutBodyAfter)
    if (body === undefined) {
      if (fault !== undefined) fault.left -= 1
      log.push(shortened(`${bare} cut`))
      return
    }
    const question = { method: request.method ?? '', path: request.url ?? '', headers: flat(request.headers), body }
    asked.push(question)
    const refused = service?.answer(question, server.url)
    const reply = refused ?? (await answerWith(fault, question))
    log.push(shortened(`${bare} ${reply === 'cut' ? 'cut' : reply.status}`))
    if (reply === 'cut') request.socket.destroy()
    else write(question, reply, response)
  }

  async function answerWith(
    fault: { fault: Fault; left: number } | undefined,
    question: Asked,
  ): Promise<(Reply & { announce?: number }) | 'cut'> {
    if (fault !== undefined) fault.left -= 1
    if (fault?.fault.instead !== undefined) return fault.fault.instead(question)
    const reply = await forward(inner.url, question)
    return fault?.fault.after === undefined ? reply : fault.fault.after(reply, question)
  }
}

/** A reply of the registry's error body. */
export function errorReply(status: number, code: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify({ errors: [{ code, message: `${code} by the fake` }] })),
  }
}

async function forward(base: string, { method, path, headers, body }: Asked): Promise<Reply> {
  const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...passed } = headers
  const hasBody = !['GET', 'HEAD'].includes(method)
  const response = await fetch(base + path, { method, headers: passed, redirect: 'manual', ...(hasBody ? { body } : {}) })
  return { status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) }
}

/** Undefined when the connection was cut on purpose before the body's end. */
async function bodyOf(request: IncomingMessage, cutAfter = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    pieces.push(piece)
    size += piece.length
    if (size > cutAfter) {
      request.socket.destroy()
      return undefined
    }
  }
  return Buffer.concat(pieces)
}

function write({ method }: Asked, reply: Reply & { announce?: number }, response: ServerResponse): void {
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...headers } = reply.headers
  const length = method === 'HEAD' ? (headers['content-length'] ?? '0') : String(reply.announce ?? reply.body.length)
  response.writeHead(reply.status, { ...headers, ...(reply.status === 204 ? {} : { 'content-length': length }) })
  // Fewer bytes than announced: the connection ends, as a crashed server's would.
  if (reply.announce === undefined || reply.announce <= reply.body.length) response.end(method === 'HEAD' ? undefined : reply.body)
  else response.write(reply.body, () => response.destroy())
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]))
}

function shortened(line: string): string {
  return line
    .replace(/(sha256(?::|%3A|-)[0-9a-f]{4})[0-9a-f]{60}/g, '$1')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'SESSION')
    .replaceAll('%3A', ':')
}
