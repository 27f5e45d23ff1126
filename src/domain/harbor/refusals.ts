import * as v from 'valibot'
import type { ErrorKind, TaskError } from '../../base/errors.ts'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import {
  harborBroken,
  harborConflict,
  harborDenied,
  harborImmutable,
  harborMissing,
  harborPolicy,
  harborQuota,
  harborReadOnly,
  harborRefused,
  harborScanner,
  harborStrange,
} from './errors.ts'
import { refusal } from './schema.ts'

/** An answer that is no success: what was being done, and what Harbor's log knows it by. */
export interface Refused {
  readonly status: number
  readonly text: string
  /** `scan team/app@sha256:3f2a91…`, as it stands after "cannot". */
  readonly doing: string
  /** What the account needs for it: `scan:create`. */
  readonly needs: string | undefined
  readonly requestId: string
}

interface Said {
  /** Empty when the body is no error of Harbor's. */
  readonly code: string
  readonly message: string
}

/** What Harbor says in a body: its errors, else its words, else nothing; a page of HTML is told as such. */
export function saidIn(text: string): Said {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), refusal), text)
  const [first] = parsed.success ? parsed.output.errors : []
  if (first !== undefined) return { code: first.code ?? '', message: neutraliseLine(excerpt(first.message ?? '', 500)) }
  if (/^\s*</.test(text)) return { code: '', message: 'a page of HTML' }
  return { code: '', message: neutraliseLine(excerpt(text.trim(), 200)) }
}

/** The error that a refusal is, with what to do. A 401 is the client's to explain. */
export function refusalError(refused: Refused): TaskError {
  const said = saidIn(refused.text)
  const kind = kindOf(refused.status, said)
  const words = said.message === '' ? '' : `: ${said.message}`
  const message = `Harbor answered ${refused.status} and does not ${refused.doing}${words} (request ${refused.requestId}).`
  const needs = refused.needs === undefined ? undefined : `Give the account ${refused.needs}.`
  return kind(message, { hint: kind === harborDenied ? needs : undefined, retryable: kind === harborBroken })
}

/** 412 has four meanings, 403 three; the code and the words tell them apart. */
function kindOf(status: number, { code, message }: Said): ErrorKind {
  if (status === 412) return preconditionOf(code, message)
  if (status === 403 && code === 'DENIED') return deniedOf(message)
  if (status === 403) return harborDenied
  if (status === 404) return code === '' ? harborStrange : /no scanner/.test(message) ? harborScanner : harborMissing
  if (status === 409) return harborConflict
  if (status >= 500 || status === 429) return harborBroken
  return code === '' && status !== 401 ? harborStrange : harborRefused
}

function preconditionOf(code: string, message: string): ErrorKind {
  if (code === 'PROJECTPOLICYVIOLATION') return harborPolicy
  if (/immutable/.test(message)) return harborImmutable
  return /scanner/.test(message) ? harborScanner : harborConflict
}

function deniedOf(message: string): ErrorKind {
  if (/read only mode/.test(message)) return harborReadOnly
  return /upper limit|quota/.test(message) ? harborQuota : harborDenied
}
