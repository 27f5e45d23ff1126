import type { Reply } from '../../src/domain/registry/exchange.ts'
import type { Action, Rule } from '../../src/domain/registry/faults/rule.ts'

/** The faults that a client must survive or report; `on` is matched against `METHOD path`. */
export const faults = {
  /** One bit of the content is other than it was pushed. */
  flipByte: (on: RegExp, times?: number): Rule => rule(on, { action: 'corrupt' }, times),

  /** The connection ends in the middle of the content. */
  cutContent: (on: RegExp, times?: number): Rule => ({ ...rule(on, { action: 'cut' }, times), phase: 'answer' }),

  /** The content is short, and `content-length` agrees. */
  truncate: (on: RegExp, times?: number): Rule => rule(on, { action: 'truncate', bytes: 1 }, times),

  /** More content than there is. */
  overSend: (on: RegExp, times?: number): Rule => rule(on, { action: 'extend', bytes: 4 }, times),

  /** Answers that it stored what came, and throws it away. */
  storeNothing: (on: RegExp, times?: number): Rule => rule(on, { action: 'drop' }, times),

  /** An error status. */
  status: (
    on: RegExp,
    status: number,
    { times, code = 'UNKNOWN', headers = {} }: { times?: number; code?: string; headers?: Record<string, string> } = {},
  ): Rule => rule(on, { action: 'status', status, code, message: `${code} by the fake`, headers }, times),

  /** The connection is cut while the body comes. */
  cutBody: (on: RegExp, bytes: number, times?: number): Rule => ({ ...rule(on, { action: 'cut' }, times), phase: 'body', at: bytes }),

  /** The connection is cut in place of an answer, after the effect. */
  cut: (on: RegExp, times?: number): Rule => rule(on, { action: 'cut' }, times),

  /** A content other than the one asked for. */
  swap: (on: RegExp, reply: Reply, times?: number): Rule => rule(on, { action: 'custom', answer: () => reply }, times),

  /** A registry from before the referrers API. */
  noReferrers: (): readonly Rule[] => [
    rule(/^GET .*\/referrers\//, {
      action: 'status',
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: '404 page not found\n',
    }),
    faults.noHeader(/^PUT .*\/manifests\//, 'oci-subject'),
  ],

  /** A header added to what the registry answers. */
  header: (on: RegExp, name: string, value: string): Rule => rule(on, { action: 'change', set: { [name]: value } }),

  /** A header left out of it. */
  noHeader: (on: RegExp, name: string): Rule => rule(on, { action: 'change', unset: [name] }),
}

function rule(line: RegExp, action: Action, times?: number): Rule {
  return { name: action.action, on: { line }, ...(times === undefined ? {} : { times }), ...action }
}
