import type { Answer, Asking, Stage } from './stage.ts'

/** Asks a server of Argo CD's for JSON, once. */
export async function ask(server: string, path: string, { method = 'GET', body, token = '', headers = {} }: Asking): Promise<Answer> {
  const answer = await fetch(new URL(path.startsWith('/api/') ? path : `/api/v1${path}`, server), {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : /^[[{]/.test(text) ? JSON.parse(text) : text }
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
