import * as v from 'valibot'
import type { HttpResponse } from '../../spec/ports.ts'
import { harborStrange } from './errors.ts'

/** What Harbor answered, read whole. */
export interface HarborAnswer {
  readonly status: number
  readonly text: string
  /** What the operator finds the request by in the log of harbor-core. */
  readonly requestId: string
  header(name: string): string | undefined
}

/** Reads an answer to its end; `limit` in bytes. */
export async function answerOf(
  response: HttpResponse,
  { requestId, limit }: { requestId: string; limit: number | undefined },
): Promise<HarborAnswer> {
  return {
    status: response.status,
    text: await response.text(limit),
    requestId: response.header('x-request-id') ?? requestId,
    header: (name) => response.header(name),
  }
}

/** The body of an answer by its schema. Throws SW-HARBOR-ANSWER. */
export function parseAnswer<S extends v.GenericSchema>(
  answer: HarborAnswer,
  { schema, origin }: { schema: S; origin: string },
): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text)
  if (result.success) return result.output
  const [issue] = result.issues
  const where = (issue === undefined ? undefined : v.getDotPath(issue)) ?? 'its root'
  throw strangeAnswer(answer, { origin, what: `has at ${where}: ${issue?.message}` })
}

/** An answer that Harbor would not give. */
export function strangeAnswer({ status, text, requestId }: HarborAnswer, { origin, what }: { origin: string; what: string }): Error {
  const looks = /^\s*</.test(text) ? ', and is a page of HTML' : ''
  return harborStrange(`The answer ${status} of ${origin} ${what}${looks} (request ${requestId}).`)
}
