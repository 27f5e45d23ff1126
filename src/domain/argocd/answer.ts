import * as v from 'valibot'
import { excerpt } from '../../base/untrusted.ts'
import type { HttpResponse } from '../../spec/ports.ts'
import { argocdStrange } from './errors.ts'
import type { ArgoServer } from './server.ts'

/** What Argo CD answered, read whole. */
export interface ArgoAnswer {
  readonly status: number
  readonly text: string
  /** `location`, `content-type`, … by lower-case name. */
  header(name: string): string | undefined
}

/** Reads an answer to its end; `limit` in bytes. */
export async function answerOf(response: HttpResponse, limit: number): Promise<ArgoAnswer> {
  return { status: response.status, text: await response.text(limit), header: (name) => response.header(name) }
}

/** The body of an answer by its schema. Throws SW-ARGOCD-ANSWER. */
export function parseAnswer<S extends v.GenericSchema>(
  answer: ArgoAnswer,
  { schema, server }: { schema: S; server: ArgoServer },
): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text)
  if (result.success) return result.output
  const [issue] = result.issues
  const where = (issue === undefined ? undefined : v.getDotPath(issue)) ?? 'its root'
  if (issue?.type === 'parse_json') throw strangeAnswer(answer, { server, what: 'is no JSON' })
  throw strangeAnswer(answer, { server, what: `has at ${where} ${foundIn(issue)}` })
}

/** Not a text that came in place of what was expected: nobody knows what it is, nor how long. */
function foundIn({ expected, received = '' }: Partial<v.BaseIssue<unknown>> = {}): string {
  const found = received.startsWith('"') ? 'a text' : excerpt(received, 40)
  return `${found === 'undefined' ? 'nothing' : found}, expected ${expected ?? 'another form'}`
}

/** An answer that Argo CD’s API would not give. */
export function strangeAnswer({ status, text }: ArgoAnswer, { server, what }: { server: ArgoServer; what: string }): Error {
  const looks = /^\s*</.test(text) && !what.endsWith('a page of HTML') ? ', and is a page of HTML' : ''
  return argocdStrange(`The answer ${status} of ${server.base} ${what}${looks}.`, {
    hint: `Check the address and its path: ${server.base}/api/version answers with a version.`,
  })
}
