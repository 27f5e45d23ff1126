import type * as v from 'valibot'
import { getDotPath, safeParse } from 'valibot'
import { TaskError } from '../../../base/errors.ts'
import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import { kmsAnswerInvalid, kmsUnavailable } from './errors.ts'
import type { KmsPorts } from './ports.ts'

export interface KmsQuestion {
  /** For messages: `Vault`. */
  readonly service: string
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is; already JSON. */
  readonly body?: string
}

export interface KmsAnswer {
  /** `Vault at https://vault.example.com` */
  readonly from: string
  readonly status: number
  readonly text: string
}

/** In bytes: a key of Vault with a hundred versions has some 50 kB. */
const most = 2 * 2 ** 20
/** All but what may pass: 408, 429 and 5xx are asked again. */
const answers = [200, ...[301, 302, 303, 307, 308], ...Array.from({ length: 100 }, (_, at) => 400 + at)].filter(
  (status) => ![408, 429].includes(status),
)

/** Asks a key service until its time is over; no redirect is followed, since a credential goes with it. Throws SW-KMS-UNAVAILABLE. */
export async function askKeyService(
  { service, url, ...question }: KmsQuestion,
  { http, patience }: Pick<KmsPorts, 'http' | 'patience'>,
): Promise<KmsAnswer> {
  const from = `${service} at ${url.origin}`
  try {
    const response = await http.request({
      ...question,
      url: url.href,
      home: url.origin,
      // A signature more that nobody sees changes nothing.
      idempotent: true,
      redirect: 'manual',
      expect: answers,
      deadline: patience,
    })
    const text = await response.text(most)
    return { from, status: response.status, text }
  } catch (cause) {
    if (!(cause instanceof TaskError) || !cause.retryable) throw cause
    throw unavailable(`${from} did not answer: ${cause.message}`, cause)
  }
}

/** The service is not there now, and may be later. */
export function unavailable(message: string, cause?: unknown): TaskError {
  return kmsUnavailable(message, {
    cause,
    retryable: true,
    hint: 'slipway resume',
    safe: 'nothing was attached that is half signed, and no tag was moved',
  })
}

/** Reads an answer of 200. Throws SW-KMS-ANSWER, without a word of what came. */
export function readAnswer<T extends v.GenericSchema>({ from, text }: KmsAnswer, schema: T): v.InferOutput<T> {
  const parsed = safeParse(schema, jsonOf(text))
  if (parsed.success) return parsed.output
  const place = getDotPath(parsed.issues[0]) ?? 'the document'
  throw kmsAnswerInvalid(`${from} answered with something else than was asked for: ${place} is missing or of another type.`)
}

/** What a service says of a refusal, as one line for a message; `{}` of what is no JSON. */
export function refusalOf<T extends v.GenericSchema>({ text }: KmsAnswer, schema: T): Partial<v.InferOutput<T>> {
  const parsed = safeParse(schema, jsonOf(text))
  return parsed.success ? Object(parsed.output) : {}
}

/** `answered 403: permission denied` */
export function saying({ from, status }: KmsAnswer, words: readonly (string | undefined)[]): string {
  const said = words.filter((word) => word !== undefined && word.trim() !== '').join(' ')
  return `${from} answered ${status}${said === '' ? '' : `: ${neutraliseLine(excerpt(said.replace(/\s+/g, ' ').trim(), 400))}`}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
