import type { IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { Clock, Http, HttpRequest, HttpResponse, Log, Progress } from '../spec/ports.ts'
import { Agents } from './agents.ts'
import { httpRefusedUrl } from './errors.ts'
import type { Hop } from './exchange.ts'
import { HostQueue } from './host-queue.ts'
import { Answer, type Arrived } from './http-answer.ts'
import { Call, type CallSurroundings } from './http-call.ts'
import { redirected } from './redirect.ts'
import { checkUrl, showUrl, type UrlPolicy } from './url-policy.ts'

export interface TransportOptions {
  /** Value of the `user-agent` header. */
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly progress?: Progress
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY and their lower-case forms. Loopback addresses are never asked through a proxy. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  /** Certificates of more authorities, PEM. */
  readonly ca?: string
  /** Hosts (`host` or `host:port`) that may be spoken to in plain http; loopback always may. */
  readonly insecureHosts?: readonly string[]
  /** Hosts (`host` or `host:port`) at private addresses that servers may point to. */
  readonly allowPrivate?: readonly string[]
  /** Requests at once to one host, in each direction. Default 4. */
  readonly maxPerHost?: number
  /** Resolves host names; default: the system. */
  readonly lookup?: LookupFunction
  /** 0–1, for the jitter; default `Math.random`. */
  readonly random?: () => number
}

const mostRedirects = 10
const worthPassingOver = 64 * 1024

/** The `Http` port: kept connections, places per host, attempts under a deadline, and one policy for every URL asked. */
export function createTransport(options: TransportOptions): Http & { close(): void } {
  const agents = new Agents(options)
  const policy: UrlPolicy = { insecureHosts: options.insecureHosts ?? [], allowPrivate: options.allowPrivate ?? [] }
  const queues = new Map<string, HostQueue>()
  const queueOf = ({ origin }: URL): HostQueue => {
    const queue = queues.get(origin) ?? new HostQueue(options.maxPerHost ?? 4, options.clock)
    queues.set(origin, queue)
    return queue
  }
  const around: CallSurroundings = { ...options, progress: options.progress, random: options.random ?? Math.random, agents, queueOf }
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
    ...(body === undefined ? {} : { body }),
  }
}
