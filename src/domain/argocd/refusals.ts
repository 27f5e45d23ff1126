import * as v from 'valibot'
import type { ErrorKind, TaskError } from '../../base/errors.ts'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import { argocdBroken, argocdDenied, argocdMissing, argocdRefused } from './errors.ts'
import { refusal } from './schema.ts'

/** What Argo CD says in the body of an answer that is no success. */
export interface Said {
  /** Of gRPC: 3 invalid argument, 5 not found, 7 permission denied, 9 failed precondition, 16 unauthenticated; undefined: not Argo CD’s words. */
  readonly code: number | undefined
  /** On one line, at most 1000 characters. */
  readonly message: string
}

export interface Refused {
  readonly status: number
  readonly said: Said
  /** For messages, after "does not": `show the application web`. */
  readonly doing: string
  /** The right that an account needs for it: `applications, sync`. */
  readonly needs?: string | undefined
  /** Who asks, where that is known. */
  readonly account?: string | undefined
  /** Whether the project was sent: then Argo CD tells a missing application. */
  readonly hasProject: boolean
}

const streamed = v.object({ error: v.object({ grpc_code: v.nullish(v.number()), message: v.nullish(v.string()) }) })

/** The words in a body: `{error, code, message}`, or `{error: {grpc_code, message}}` of a stream, also as an event; HTML is told as such. */
export function saidIn(body: string): Said {
  const text = body.replace(/^data: /, '')
  const inStream = v.safeParse(v.pipe(v.string(), v.parseJson(), streamed), text)
  if (inStream.success) return { code: inStream.output.error.grpc_code ?? undefined, message: oneLine(inStream.output.error.message ?? '') }
  const plain = v.safeParse(v.pipe(v.string(), v.parseJson(), refusal), text)
  if (plain.success && (plain.output.message ?? '') !== '')
    return { code: plain.output.code ?? undefined, message: oneLine(plain.output.message ?? '') }
  if (/^\s*</.test(text)) return { code: undefined, message: 'a page of HTML' }
  return { code: undefined, message: oneLine(text) }
}

/** The error that a refusal is, with both of its meanings where it has two. A 401 is the client’s to explain. */
export function refusalError(refused: Refused): TaskError {
  const { status, said, doing } = refused
  const words = said.message === '' ? '' : `: ${said.message}`
  const kind = kindOf(status, said)
  return kind(`Argo CD answered ${status} and does not ${doing}${words}${meaningOf(refused)}.`, {
    hint: hintOf(refused),
    retryable: kind === argocdBroken,
  })
}

function kindOf(status: number, { message }: Said): ErrorKind {
  if (status === 403) return argocdDenied
  if (status === 404) return argocdMissing
  // Argo CD says 500 for whatever it has no code for; this one no waiting mends.
  if (/parsing the selector/.test(message)) return argocdRefused
  return status >= 500 || status === 429 ? argocdBroken : argocdRefused
}

/** Without a project Argo CD answers 403 for what is missing, and with one 404 for what one may not see. */
function meaningOf({ status, said, hasProject }: Refused): string {
  if (status === 403 && said.message === 'permission denied' && !hasProject)
    return '; without the project this means that the account may not, or that it does not exist'
  if (status === 403 && said.message === 'permission denied') return '; the account may not, in the project that was given'
  if (status === 404) return '; it does not exist, is in another project, or the account may not see it'
  return ''
}

function hintOf({ status, said, needs, account, hasProject }: Refused): string | undefined {
  if (status !== 403 || !said.message.startsWith('permission denied')) return undefined
  const right =
    needs === undefined
      ? undefined
      : `give ${account === undefined ? 'the account' : `the account ${account}`} the right \`${needs}\` in argocd-rbac-cm`
  // What goes on behind these words names the right that lacks: then the application is there.
  if (hasProject || said.message !== 'permission denied')
    return right === undefined ? undefined : `${right.charAt(0).toUpperCase()}${right.slice(1)}.`
  return `Give the input \`projects\`, so that Argo CD tells which it is${right === undefined ? '' : `; or ${right}`}.`
}

function oneLine(text: string): string {
  return neutraliseLine(excerpt(text.trim(), 1000))
}
