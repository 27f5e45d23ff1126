import { createHmac, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The runner's token service: what a step finds in its environment, and what was asked of it. */
export interface TokenService {
  readonly environment: Readonly<Record<string, string>>
  /** In order; undefined where none was named. */
  readonly audiences: readonly (string | undefined)[]
  close(): Promise<void>
}

export interface TokenServiceOptions {
  /** Claims besides `aud`, `exp`, `iat` and `iss`. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** The status it answers a request that carries the right bearer token with. Default 200. */
  readonly status?: number
}

/** Serves tokens on loopback, to whoever shows the bearer token of this job. */
export async function startTokenService({ claims = {}, status = 200 }: TokenServiceOptions = {}): Promise<TokenService> {
  const bearer = `request-${randomUUID()}`
  const audiences: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const authorized = request.headers.authorization?.toLowerCase() === `bearer ${bearer}`
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!authorized || url.searchParams.get('api-version') !== '2.0') {
      response.writeHead(authorized ? 400 : 401).end()
      return
    }
    const audience = url.searchParams.get('audience') ?? undefined
    audiences.push(audience)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ count: 1, value: signedToken({ aud: audience ?? 'https://github.com/acme', ...claims }) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    audiences,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A token with these claims, good for five minutes unless they say otherwise; signed, though nobody has the key. */
export function signedToken(claims: Readonly<Record<string, unknown>>): string {
  const now = Math.floor(Date.now() / 1000)
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { iss: 'https://token.actions.githubusercontent.com', iat: now, exp: now + 300, ...claims },
  ]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', 'nobody').update(text).digest('base64url')}`
}
