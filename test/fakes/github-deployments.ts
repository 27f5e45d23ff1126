import { buffer } from 'node:stream/consumers'
import { type IncomingMessage, listen, type ServerResponse } from '../../src/io/server.ts'

export interface FakeDeployment {
  readonly id: number
  readonly sha: string
  readonly environment: string
  readonly task: string
  readonly payload: unknown
  /** Oldest first; the last one is what GitHub shows. */
  readonly statuses: Record<string, unknown>[]
}

export interface FakeGithubDeployments extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly api: string
  readonly deployments: FakeDeployment[]
  /** Marks at commits: `sha`, and what was sent. */
  readonly marks: { readonly sha: string; readonly mark: Record<string, unknown> }[]
  /** `METHOD path` of each request. */
  readonly asked: string[]
  /** What the token may not: `deployments`, `statuses`. GitHub answers 403 then. */
  readonly denied: Set<'deployments' | 'statuses'>
  /** Gives payloads back as texts, as some servers do. */
  payloadAsText: boolean
}

/** Deployments and commit statuses of GitHub (docs.github.com/rest/deployments, REST 2022-11-28), in memory, for one token. */
export async function fakeGithubDeployments(token: string): Promise<FakeGithubDeployments> {
  const deployments: FakeDeployment[] = []
  const fake = { deployments, marks: [], asked: [], denied: new Set(), payloadAsText: false } as Pick<
    FakeGithubDeployments,
    'deployments' | 'marks' | 'asked' | 'denied' | 'payloadAsText'
  >
  const server = await listen(async (request, response) => {
    const body = (await buffer(request)).toString()
    send(response, answered(request, body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)))
  })
  return Object.assign(fake, { api: server.url, [Symbol.asyncDispose]: () => server.close() })

  function answered({ method = '', url = '/', headers }: IncomingMessage, body: Record<string, unknown>): readonly [number, unknown] {
    const { pathname, searchParams } = new URL(url, 'http://api')
    fake.asked.push(`${method} ${pathname}`)
    if (headers.authorization !== `Bearer ${token}`) return [401, { message: 'Bad credentials' }]
    const [, part = '', id, of] = /^\/repos\/acme\/app\/(deployments|statuses)(?:\/(\w+))?(?:\/(statuses))?$/.exec(pathname) ?? []
    if (part !== 'deployments' && part !== 'statuses') return [404, { message: 'Not Found' }]
    if (fake.denied.has(part)) return [403, { message: 'Resource not accessible by integration' }]
    if (part === 'statuses') return [201, fake.marks.push({ sha: id ?? '', mark: body })]
    if (of === 'statuses') return setStatus(Number(id), body)
    return method === 'POST' ? create(body) : [200, listed(searchParams)]
  }

  function create(body: Record<string, unknown>): readonly [number, unknown] {
    if (typeof body['ref'] !== 'string') return [422, { message: 'Validation Failed' }]
    const { ref, environment, task, payload } = body
    const one = {
      id: 100 + deployments.length,
      sha: ref,
      environment: String(environment),
      task: String(task ?? 'deploy'),
      payload,
      statuses: [],
    }
    deployments.unshift(one)
    return [201, shown(one)]
  }

  function listed(query: URLSearchParams): unknown[] {
    const wanted = (name: 'sha' | 'environment' | 'task') => query.get(name)
    const found = deployments.filter((one) =>
      (['sha', 'environment', 'task'] as const).every((name) => (wanted(name) ?? one[name]) === one[name]),
    )
    const size = Number(query.get('per_page') ?? 30)
    const from = (Number(query.get('page') ?? 1) - 1) * size
    return found.slice(from, from + size).map(shown)
  }

  /** A success makes the others of an environment inactive, unless it says otherwise. */
  function setStatus(id: number, body: Record<string, unknown>): readonly [number, unknown] {
    const one = deployments.find((known) => known.id === id)
    if (one === undefined) return [404, { message: 'Not Found' }]
    if (String(body['description'] ?? '').length > 140) return [422, { message: 'description is too long (maximum is 140 characters)' }]
    one.statuses.push(body)
    if (body['state'] === 'success' && body['auto_inactive'] !== false)
      for (const other of deployments)
        if (other !== one && other.environment === one.environment) other.statuses.push({ state: 'inactive' })
    return [201, { id: 1 }]
  }

  function shown({ statuses: _, payload, ...rest }: FakeDeployment): unknown {
    return { ...rest, payload: fake.payloadAsText ? JSON.stringify(payload) : payload }
  }
}

function send(response: ServerResponse, [status, body]: readonly [number, unknown]): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
