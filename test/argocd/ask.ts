import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Answer, Asking, Stage } from './stage.ts'

/** Asks a server of Argo CD's for JSON, once, on a connection of its own: one that is kept may have been closed by a server that died. */
export async function ask(server: string, path: string, { method = 'GET', body, token = '', headers = {} }: Asking): Promise<Answer> {
  const type = method === 'GET' ? {} : { 'content-type': 'application/json' }
  const own = token === '' ? {} : { authorization: `Bearer ${token}` }
  const url = new URL(path.startsWith('/api/') ? path : `/api/v1${path}`, server)
  const asked = request(url, { method, agent: false, headers: { ...own, ...type, ...headers } })
  asked.end(body === undefined ? undefined : JSON.stringify(body))
  const [answer]: IncomingMessage[] = await once(asked, 'response')
  let text = ''
  for await (const piece of answer?.setEncoding('utf8') ?? []) text += String(piece)
  return { status: answer?.statusCode ?? 0, body: text === '' ? undefined : /^[[{]/.test(text) ? JSON.parse(text) : text }
}

/** The answer's body, which must not be a refusal. */
export async function must(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const { status, body } = await answer
  if (status !== 200) throw new Error(`Argo CD answered ${status}: ${JSON.stringify(body)}`)
  return Object(body)
}

/** What lies at a path of names in a JSON value. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, name) => Object(inner)[name], value)
}

/** An application as it is now, without a refresh. */
export async function look(stage: Stage, name: string): Promise<Record<string, unknown>> {
  return must(stage.ask(`/applications/${name}`))
}
