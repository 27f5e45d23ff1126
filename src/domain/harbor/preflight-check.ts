import type { ErrorKind } from '../../base/errors.ts'

/** What is to be done to a repository in Harbor. */
export interface HarborPlan {
  /** With its project: `team/app`. */
  readonly repository: string
  /** Tags that are to be set. */
  readonly tags?: readonly string[]
  /** What they are to name, where that is known. */
  readonly digest?: string | undefined
  /** Bytes that come new beside what these repositories of the project have; asked for where there is a limit. Undefined before a build. */
  readonly size?: ((others: readonly string[]) => Promise<number>) | undefined
  /** Whether Harbor is to scan. Default false. */
  readonly scan?: boolean
  /** Whether the project is made where there is none. Default false. */
  readonly createProject?: boolean
  /** Milliseconds: a robot that expires within it is told. Default 7 days. */
  readonly expiry?: number
}

/** One thing that was looked at beforehand. */
export interface HarborCheck {
  readonly name: 'answers' | 'login' | 'version' | 'writable' | 'project' | 'rights' | 'expiry' | 'quota' | 'tags' | 'scanner'
  /** `unknown`: Harbor does not tell this account, so it may still fail; `warn`: it may go, and may not for long. */
  readonly verdict: 'pass' | 'warn' | 'unknown' | 'fail'
  /** What was seen, and for a failure what to do. */
  readonly message: string
  /** What it would fail with. */
  readonly kind?: ErrorKind
}

/** What a call gives. */
export type Answer<F extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>

type Name = HarborCheck['name']

export const pass = (name: Name, message: string): HarborCheck => ({ name, verdict: 'pass', message })
export const warn = (name: Name, message: string): HarborCheck => ({ name, verdict: 'warn', message })
export const unknown = (name: Name, message: string): HarborCheck => ({ name, verdict: 'unknown', message })
export const fail = (name: Name, kind: ErrorKind, message: string): HarborCheck => ({ name, verdict: 'fail', message, kind })
