import type * as v from 'valibot'
import { safeParse } from 'valibot'
import { messageOf, TaskError } from '../../base/errors.ts'
import { isLoopback } from '../../base/loopback.ts'
import { excerpt } from '../../base/untrusted.ts'
import type { Http, HttpRequest } from '../../spec/ports.ts'
import { credentialKeyless } from './errors.ts'

/** One question to a service that gives out credentials. */
export interface Question extends Pick<HttpRequest, 'url' | 'headers' | 'body'> {
  /** For messages: `AWS STS`. */
  readonly service: string
  /** What to do when it refuses. */
  readonly refused?: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** Statuses that mean: there is nothing for you here. */
  readonly nothing?: readonly number[]
}

const limit = 256 * 1024
const answers = [200, 201, ...Array.from({ length: 100 }, (_, at) => 400 + at)].filter((status) => ![408, 429].includes(status))

/** Asks, never following a redirect with a credential in hand; undefined for a status of `nothing`. Throws SW-CREDENTIAL-KEYLESS. */
export async function ask(
  http: Http,
  { service, refused, nothing = [], method = 'POST', ...question }: Question,
): Promise<Buffer | undefined> {
  const { origin, protocol } = new URL(question.url)
  // Plain http is for loopback and metadata addresses, which the callers chose: `home` says so to the transport. They are near.
  const deadline = protocol === 'http:' ? 5000 : 30_000
  const request = { ...question, method, home: origin, idempotent: true, redirect: 'manual', expect: answers, deadline } as const
  try {
    const response = await http.request(request)
    const body = await response.bytes(limit)
    if (nothing.includes(response.status)) return undefined
    if (response.status === 200 || response.status === 201) return body
    throw credentialKeyless(`${service} at ${origin} answered ${response.status}${wordsOf(body)}, expected 200.`, { hint: refused })
  } catch (cause) {
    if (credentialKeyless.is(cause)) throw cause
    const { hint, retryable } = cause instanceof TaskError ? cause : { hint: undefined, retryable: false }
    throw credentialKeyless(`${service} at ${origin} cannot be asked: ${messageOf(cause)}`, { cause, hint, retryable })
  }
}

/** Reads an answer; no message quotes it, as half of it may be a secret. Throws SW-CREDENTIAL-KEYLESS. */
export function readAnswer<T extends v.GenericSchema>(bytes: Buffer | string, schema: T, service: string): v.InferOutput<T> {
  const parsed = safeParse(schema, jsonOf(bytes.toString('utf8')))
  if (parsed.success) return parsed.output
  const place = parsed.issues[0].path?.map(({ key }) => String(key)).join('.') ?? 'the document'
  throw credentialKeyless(`${service} answered with something else than was asked for: ${place} is missing or of another type.`)
}

/** The origin of a service that a variable or a file names: https, or this machine. Throws SW-CREDENTIAL-KEYLESS. */
export function checkedEndpoint(text: string, where: string): URL {
  const url = URL.parse(text)
  const isTrusted = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host)))
  if (isTrusted && url.username === '' && url.password === '') return url
  throw credentialKeyless(`${where} is ${JSON.stringify(excerpt(text, 200))}, expected an https URL.`)
}

/** A form of `application/x-www-form-urlencoded` with its header. */
export function form(fields: Readonly<Record<string, string>>): { headers: Record<string, string>; body: string } {
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() }
}

/** What a service says of a refusal, whatever its format: the texts of JSON's usual fields, or the text between XML's tags. */
function wordsOf(body: Buffer): string {
  const text = body.toString('utf8')
  const value = jsonOf(text)
  const words = value === undefined ? text.replace(/<[^>]*>/g, ' ') : textsOf(value, 0).join(' ')
  const shown = excerpt(words.replace(/\s+/g, ' ').trim(), 400)
  return shown === '' ? '' : ` (${shown})`
}

const spoken = new Set(['error', 'error_description', 'errors', 'message', 'Message', 'code', 'Code', '__type', 'status'])

function textsOf(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth > 3) return []
  const items = Array.isArray(value)
    ? value
    : Object.entries(value).flatMap(([name, item]: [string, unknown]) => (spoken.has(name) ? [item] : []))
  return items.slice(0, 5).flatMap((item) => textsOf(item, depth + 1))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
