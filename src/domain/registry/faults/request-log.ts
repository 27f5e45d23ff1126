import type { Asked } from '../exchange.ts'
import type { RequestKind } from './request-kind.ts'

/** One request as it went; a line of `--log`. Never a credential, nor anything of a body. */
export interface LogEntry {
  /** ISO 8601, when it came. */
  readonly time: string
  readonly method: string
  /** With its query; values that may be credentials are left out. */
  readonly path: string
  readonly kind: RequestKind | undefined
  /** The status of the answer, or how the request ended without a whole one: by a rule, or because the client went away. */
  readonly status: number | 'reset' | 'cut' | 'stall' | 'gone'
  /** Bytes of the bodies. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** The names of the rules that acted, in their order. */
  readonly rules: readonly string[]
  /** Until the last byte of the answer was on its way. */
  readonly milliseconds: number
  readonly credentials: 'none' | 'basic' | 'bearer' | 'other'
}

/** The target without values of parameters that may be credentials. */
export function shownTarget({ target }: Asked): string {
  return target.replace(/([?&][^=&]*(?:pass|token|secret|sig|credential|assertion|account|key)[^=&]*=)[^&]*/gi, '$1…')
}

/** Which kind of credential came with a request. */
export function credentialsOf({ headers: { authorization } }: Asked): LogEntry['credentials'] {
  if (authorization === undefined) return 'none'
  const [scheme = ''] = authorization.toLowerCase().split(' ', 1)
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other'
}
