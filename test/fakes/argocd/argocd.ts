import { type IncomingMessage, listen, type ServerResponse } from '../../../src/io/server.ts'
import { denied, Refused } from './answers.ts'
import { applicationRoutes } from './applications.ts'
import type { Call, Handler, Routes } from './call.ts'
import { type StageClock, stageClock } from './clock.ts'
import { startController } from './controller.ts'
import { inspectRoutes } from './inspect.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createState, type State } from './state.ts'
import { stream } from './streams.ts'
import type { Project } from './types.ts'

export interface FakeArgoCdOptions {
  readonly clock?: StageClock
  /** Of the account `admin`. Default `admin-password`. */
  readonly password?: string
  readonly port?: number
}

export interface FakeArgoCd extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly state: State
  readonly sessions: Sessions
  /** `METHOD path status` of each answer; a stream has its line when it begins. */
  readonly log: string[]
  /** Answers the next request that matches `METHOD path` in Argo CD's place; status 0 cuts the connection. */
  instead(on: RegExp, reply: { readonly status: number; readonly body?: unknown }): void
  /** Cuts all connections and answers nothing until `start`. */
  stop(): Promise<void>
  start(): Promise<void>
}

const routes: Routes = { ...applicationRoutes, ...inspectRoutes, ...accountRoutes() }

/** An Argo CD 3.2 on loopback: API server, controller and a cluster in memory; its answers are those of the recorded one. */
export async function startFakeArgoCd({
  clock = stageClock(),
  password = 'admin-password',
  port = 0,
}: FakeArgoCdOptions = {}): Promise<FakeArgoCd> {
  const state = createState(clock)
  const sessions = createSessions(clock, password)
  const stopController = startController(state)
  const log: string[] = []
  const faults: { on: RegExp; status: number; body?: unknown }[] = []
  let server = await listen(answer, { port })
  const { url, port: own } = server
  return {
    ...{ url, state, sessions, log },
    instead: (on, reply) => void faults.push({ on, ...reply }),
    stop: () => server.close(),
    async start() {
      server = await listen(answer, { port: own })
    },
    async [Symbol.asyncDispose]() {
      await server.close()
      await stopController()
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = '/' } = request
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const fault = faults.find(({ on }) => on.test(`${method} ${target}`))
    if (fault !== undefined) faults.splice(faults.indexOf(fault), 1)
    if (fault?.status === 0) return void request.socket.destroy()
    const [status, body] = fault === undefined ? await answered(request, response, gone.signal) : [fault.status, fault.body]
    log.push(`${method} ${target} ${status}`)
    if (response.headersSent || gone.signal.aborted) return
    const isText = typeof body === 'string'
    response.writeHead(status, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json' })
    response.end(isText ? body : JSON.stringify(body))
  }

  async function answered(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<readonly [number, unknown]> {
    try {
      return [200, await dispatch(request, response, gone)]
    } catch (error) {
      if (error instanceof Refused) return [error.status, error.body]
      if (error instanceof Plain) return [error.status, error.message]
      throw error
    }
  }

  async function dispatch(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<unknown> {
    const { method = 'GET', url: target = '/', headers } = request
    const { pathname, searchParams: query } = new URL(target, url)
    if (pathname === '/api/version') return { Version: 'v3.2.11+unknown' }
    if (pathname === '/healthz') return {}
    if (method !== 'GET' && headers['content-type']?.split(';')[0] !== 'application/json') throw new Plain(415, 'Invalid content type\n')
    const path = pathname.replace(/^\/api\/v1/, '')
    const text = await textOf(request)
    const body = text === '' ? {} : JSON.parse(text)
    const open = { state, sessions, params: {}, query, body, gone }
    if (path === '/settings') return settings
    if (method === 'POST' && path === '/session') return { token: sessions.login(body) }
    if (path === '/session/userinfo' && headers.authorization === undefined) return {}
    const found = path === '/stream/applications' ? { handler: undefined, params: {} } : route(method, path)
    const call: Call = { ...open, who: sessions.enter(headers.authorization), params: found.params }
    return found.handler === undefined ? stream(call, request, response) : found.handler(call)
  }
}

/** What is answered by no part of the API. */
class Plain extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function route(method: string, path: string): { readonly handler: Handler; readonly params: Readonly<Record<string, string>> } {
  const given = path.split('/')
  for (const [key, handler] of Object.entries(routes)) {
    const [verb, pattern = ''] = key.split(' ')
    const wanted = pattern.split('/')
    const fits =
      verb === method && wanted.length === given.length && wanted.every((part, index) => part.startsWith(':') || part === given[index])
    if (!fits) continue
    const params = wanted.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), decodeURIComponent(given[index] ?? '')]] : []))
    return { handler, params: Object.fromEntries(params) }
  }
  throw new Plain(404, 'Not Found\n')
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

const nothing = 'jqPathExpressions: null\njsonPointers:\n- /status\nmanagedFieldsManagers: null\n'
const settings = {
  appLabelKey: 'app.kubernetes.io/instance',
  resourceOverrides: { '*/*': { ignoreDifferences: nothing, ignoreResourceUpdates: nothing.replace('\n- /status', ' null') } },
  googleAnalytics: { anonymizeUsers: true },
  kustomizeOptions: { BuildOptions: '', BinaryPath: '', Versions: null },
  help: {},
  trackingMethod: 'annotation',
}

/** Accounts, their tokens, and projects with roles and windows. */
function accountRoutes(): Routes {
  const seconds = (body: Readonly<Record<string, unknown>>): number => Number(body['expiresIn'] ?? 0)
  return {
    'GET /session/userinfo': ({ who }) => ({ loggedIn: true, username: who.name, iss: 'argocd' }),
    'POST /account/:name/token': ({ who, sessions, params, body }) => {
      if (who.name !== 'admin' && who.name !== params['name']) throw denied()
      return { token: sessions.issue(`${params['name']}:apiKey`, seconds(body)) }
    },
    'POST /projects': ({ who, state, body }) => {
      if (who.name !== 'admin') throw denied()
      const project = body['project'] as Project
      state.projects.set(project.metadata.name, project)
      return project
    },
    'POST /projects/:project/roles/:role/token': ({ who, sessions, params, body }) => {
      if (who.name !== 'admin') throw denied()
      return { token: sessions.issue(`proj:${params['project']}:${params['role']}`, seconds(body)) }
    },
  }
}
