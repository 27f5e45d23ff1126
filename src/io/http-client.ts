import type { IncomingMessage } from 'node:http'
import type { HttpRequest, HttpResponse } from '../spec/ports.ts'
import { Agents } from './agents.ts'
import { httpRefusedUrl } from './errors.ts'
import type { Hop } from './exchange.ts'
import { HostQueue } from './host-queue.ts'
import { Answer, type Arrived } from './http-answer.ts'
import { Call, type CallSurroundings } from './http-call.ts'
import { redirected } from './redirect.ts'
import type { Transport, TransportOptions } from './transport.ts'
import { checkUrl, showUrl, type UrlPolicy } from './url-policy.ts'

const mostRedirects = 10
const worthPassingOver = 64 * 1024
const timeToPassOver = 5000

/** What stands behind {@link createTransport}. */
export function createClient(options: TransportOptions): Transport {
  const agents = new Agents(options)
  const policy: UrlPolicy = { insecureHosts: options.insecureHosts ?? [], allowPrivate: options.allowPrivate ?? [] }
  const queues = new Map<string, HostQueue>()
  const queueOf = ({ origin }: URL): HostQueue => {
    const queue = queues.get(origin) ?? new HostQueue(options.maxPerHost ?? 6, options.clock)
    queues.set(origin, queue)
    return queue
  }
  const { progress, random = Math.random, longestWait = 600_000 } = options
  const around: CallSurroundings = { ...options, progress, random, longestWait, agents, queueOf }
  return {
    request: (request) => perform(request, { around, policy, userAgent: options.userAgent }),
    close: () => agents.close(),
  }
}

interface Rules {
  readonly around: CallSurroundings
  readonly policy: UrlPolicy
  readonly userAgent: string
}

async function perform(request: HttpRequest, { around, policy: common, userAgent }: Rules): Promise<HttpResponse> {
  const home = URL.parse(request.home ?? request.url)?.origin ?? ''
  const policy = request.home === undefined ? common : { ...common, plainHome: home }
  const call = new Call(request, around)
  let hop = firstHop(request, { home, policy, userAgent })
  for (let redirects = 0; ; redirects += 1) {
    const arrived = await call.send(hop)
    const next = request.redirect === 'manual' ? undefined : follow(arrived, { home, policy })
    if (next === undefined) return new Answer(arrived, call)
    if (redirects === mostRedirects) {
      throw httpRefusedUrl(
        `${request.method} ${showUrl(new URL(request.url))} was redirected more than ${mostRedirects} times, at last to ${showUrl(next.url)}.`,
      )
    }
    hop = next
  }
}

/** The body of a redirect is of no interest; cutting it off would cost the connection. */
function follow({ message, hop }: Arrived, rules: { home: string; policy: UrlPolicy }): Hop | undefined {
  const next = tryRedirect({ message, hop }, rules)
  if (next !== undefined) passOver(message)
  return next
}

function passOver(message: IncomingMessage): void {
  let size = 0
  const enough = setTimeout(() => message.destroy(), timeToPassOver)
  message.once('close', () => clearTimeout(enough))
  message.on('error', () => undefined)
  message.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > worthPassingOver) message.destroy()
  })
}

function tryRedirect({ message, hop }: Arrived, rules: { home: string; policy: UrlPolicy }): Hop | undefined {
  try {
    return redirected(hop, { status: message.statusCode ?? 0, location: message.headers.location }, rules)
  } catch (error) {
    message.destroy()
    throw error
  }
}

function firstHop(request: HttpRequest, { home, policy, userAgent }: { home: string; policy: UrlPolicy; userAgent: string }): Hop {
  const { url, guarded } = checkUrl(request.url, home, policy)
  const body = typeof request.body === 'string' || request.body instanceof Uint8Array ? Buffer.from(request.body) : request.body
  return {
    method: request.method,
    url,
    guarded,
    headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...request.headers },
    ...(request.tls === undefined ? {} : { tls: request.tls }),
    ...(body === undefined ? {} : { body }),
  }
}
