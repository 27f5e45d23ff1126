import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingProxy extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  /** Requests by method and route. */
  readonly calls: ReadonlyMap<string, number>
}

/** Hands on all that is asked and answered as it comes, and counts it: what a client costs a server, whoever the client is. */
export async function startCountingProxy(server: string): Promise<CountingProxy> {
  const calls = new Map<string, number>()
  const proxy = createServer((asked, answer) => {
    const { method = 'GET', url = '/', headers } = asked
    const route = `${method} ${routeOf(url)}`
    calls.set(route, (calls.get(route) ?? 0) + 1)
    const onward = request(new URL(url, server), { method, headers, agent: false }, (came) => {
      answer.writeHead(came.statusCode ?? 502, came.headers).flushHeaders()
      came.on('error', () => answer.destroy()).pipe(answer)
    })
    asked.pipe(onward).on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      proxy.close().closeAllConnections()
      await once(proxy, 'close')
    },
  }
}

/** `/applications/:name/sync`, `refresh /applications/:name`, and `application.ApplicationService/Sync` of the CLI. */
function routeOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://argocd')
  const route = pathname.replace(/^\/api\/v1/, '').replace(/(?<=\/applications\/)[^/]+/, ':name')
  return searchParams.has('refresh') ? `${route}?refresh` : route
}
