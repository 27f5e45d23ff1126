import type { LookupFunction } from 'node:net'
import type { Clock, Http, Log, Progress } from '../spec/ports.ts'

export interface TransportOptions {
  /** Value of the `user-agent` header. */
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly progress?: Progress
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY and their lower-case forms. Loopback and link-local addresses are never asked through a proxy. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  /** Certificates of more authorities, PEM. */
  readonly ca?: string
  /** Hosts (`host` or `host:port`) that may be spoken to in plain http; loopback always may. */
  readonly insecureHosts?: readonly string[]
  /** Hosts (`host` or `host:port`) at private addresses that servers may point to. */
  readonly allowPrivate?: readonly string[]
  /** Requests at once to one host, in each direction: all for metadata, all but one for blobs. Default 6. */
  readonly maxPerHost?: number
  /** The longest wait, in milliseconds, that a server may ask for (`Retry-After`). Default 600 000, and never past a request's deadline. */
  readonly longestWait?: number
  /** Resolves host names; default: the system. */
  readonly lookup?: LookupFunction
  /** 0–1, for the jitter; default `Math.random`. */
  readonly random?: () => number
}

export interface Transport extends Http {
  /** Closes kept connections. */
  close(): void
}

/**
 * The `Http` port: kept connections, places per host, attempts under a deadline, and one policy for every URL asked. The code
 * behind it, and Node's HTTP and TLS with it, is loaded by the first request: many runs make none.
 */
export function createTransport(options: TransportOptions): Transport {
  let client: Promise<Transport> | undefined
  const load = async (): Promise<Transport> => (await import('./http-client.ts')).createClient(options)
  return {
    async request(request) {
      client ??= load()
      return (await client).request(request)
    },
    insecureHosts: options.insecureHosts ?? [],
    close: () => void client?.then((loaded) => loaded.close()),
  }
}
