import { type IncomingMessage, listen, type ServerResponse } from '../../src/io/server.ts'
import { createTransport } from '../../src/io/transport.ts'
import type { Clock, Http, HttpRequest, HttpResponse } from '../../src/spec/ports.ts'
import { fakePorts } from './ports.ts'

/** A request as a service of a cloud sees it. */
export interface CloudRequest {
  readonly method: string
  /** As it was asked for, wherever it was sent: `https://sts.eu-west-1.amazonaws.com/`. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface CloudAnswer {
  readonly status: number
  /** An object is sent as JSON. */
  readonly body: string | object
  readonly location?: string
}

/** Undefined: not one of its own hosts. */
export type CloudService = (request: CloudRequest) => CloudAnswer | undefined

export interface FakeCloud extends AsyncDisposable {
  /** The real client, which believes that every host is where it is in the world. */
  readonly http: Http
  /** `METHOD origin/path`, also of those that led nowhere. */
  readonly asked: readonly string[]
}

/** Services behind one real server on loopback; `registries` are servers of their own, by the beginning of the URLs that they stand for. */
export async function startFakeCloud(
  services: readonly CloudService[],
  { clock, registries = {} }: { readonly clock: Clock; readonly registries?: Readonly<Record<string, string>> },
): Promise<FakeCloud> {
  const { ports } = fakePorts({ clock })
  const transport = createTransport({ userAgent: 'test', clock, log: ports.log, signal: ports.signal })
  const asked: string[] = []
  const server = await listen((request, response) => serve(services, request, response))
  return {
    http: { request },
    asked,
    async [Symbol.asyncDispose]() {
      transport.close()
      await server.close()
    },
  }

  async function request(wanted: HttpRequest): Promise<HttpResponse> {
    const { origin, pathname, search } = new URL(wanted.url)
    asked.push(`${wanted.method} ${origin}${pathname}`)
    const [, home = server.url] = Object.entries(registries).find(([beginning]) => wanted.url.startsWith(beginning)) ?? []
    const headers = { ...wanted.headers, 'x-asked-origin': origin }
    const response = await transport.request({ ...wanted, url: home + pathname + search, home, headers })
    return {
      status: response.status,
      url: response.url.replace(home, origin),
      header: (name) => response.header(name),
      headers: (name) => response.headers(name),
      body: response.body,
      pieces: () => response.pieces(),
      bytes: (limit) => response.bytes(limit),
      text: (limit) => response.text(limit),
      json: (limit) => response.json(limit),
      discard: () => response.discard(),
    }
  }
}

/** The same services to programs that are not ours, at a real address. */
export async function serveServices(...services: readonly CloudService[]): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = await listen((request, response) => serve(services, request, response))
  return { url: server.url, [Symbol.asyncDispose]: () => server.close() }
}

async function serve(services: readonly CloudService[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  const { 'x-asked-origin': origin, ...headers } = request.headers
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))
  const question = {
    method: request.method ?? '',
    url: new URL(request.url ?? '', typeof origin === 'string' ? origin : `http://${request.headers.host}`),
    headers: flat,
    body: Buffer.concat(pieces).toString('utf8'),
  }
  const found = services.map((service) => service(question)).find((answer) => answer !== undefined)
  const { status, body, location }: CloudAnswer = found ?? { status: 404, body: `nobody is ${question.url.origin}` }
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The fields of a form; undefined when the body is none. */
export function formOf({ headers, body }: CloudRequest): URLSearchParams | undefined {
  return headers['content-type'] === 'application/x-www-form-urlencoded' ? new URLSearchParams(body) : undefined
}

/** A JSON Web Token with a signature that nobody checks. */
export function unsignedJwt(claims: object): string {
  return [{ alg: 'none' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}
