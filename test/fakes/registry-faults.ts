import { errorReply, type Fault, type Reply } from './registry.ts'

/** The faults that a client must survive or report; `on` is matched against `METHOD path`. */
export const faults = {
  /** One bit of the content is other than it was pushed. */
  flipByte: (on: RegExp, times?: number): Fault => changing(on, times, (reply) => ({ ...reply, body: flipped(reply.body) })),

  /** The connection ends in the middle of the content. */
  cutContent: (on: RegExp, times?: number): Fault =>
    changing(on, times, (reply) => ({ ...reply, body: reply.body.subarray(0, reply.body.length / 2), announce: reply.body.length })),

  /** The content is short, and `content-length` agrees. */
  truncate: (on: RegExp, times?: number): Fault => changing(on, times, (reply) => ({ ...reply, body: reply.body.subarray(0, -1) })),

  /** More content than there is. */
  overSend: (on: RegExp, times?: number): Fault =>
    changing(on, times, (reply) => ({ ...reply, body: Buffer.concat([reply.body, Buffer.from('more')]) })),

  /** Answers that it stored what came, and throws it away. */
  storeNothing: (on: RegExp, times?: number): Fault => ({
    on,
    ...counted(times),
    instead: () => ({ status: 201, headers: {}, body: Buffer.alloc(0) }),
  }),

  /** An error status. */
  status: (
    on: RegExp,
    status: number,
    { times, code = 'UNKNOWN', headers = {} }: { times?: number; code?: string; headers?: Record<string, string> } = {},
  ): Fault => ({
    on,
    ...counted(times),
    instead: () => errorReply(status, code, headers),
  }),

  /** The connection is cut while the body comes. */
  cutBody: (on: RegExp, bytes: number, times?: number): Fault => ({ on, ...counted(times), cutBodyAfter: bytes }),

  /** The connection is cut in place of an answer. */
  cut: (on: RegExp, times?: number): Fault => ({ on, ...counted(times), instead: () => 'cut' }),

  /** A content other than the one asked for. */
  swap: (on: RegExp, reply: Reply, times?: number): Fault => ({ on, ...counted(times), instead: () => reply }),

  /** A registry from before the referrers API. */
  noReferrers: (): readonly Fault[] => [
    {
      on: /^GET .*\/referrers\//,
      instead: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('404 page not found\n') }),
    },
    { on: /^PUT .*\/manifests\//, after: (reply) => ({ ...reply, headers: without(reply.headers, 'oci-subject') }) },
  ],

  /** A header added to what the registry answers. */
  header: (on: RegExp, name: string, value: string): Fault => ({
    on,
    after: (reply) => ({ ...reply, headers: { ...reply.headers, [name]: value } }),
  }),

  /** A header left out of it. */
  noHeader: (on: RegExp, name: string): Fault => ({ on, after: (reply) => ({ ...reply, headers: without(reply.headers, name) }) }),
}

function changing(on: RegExp, times: number | undefined, change: (reply: Reply) => Reply & { announce?: number }): Fault {
  return { on, ...counted(times), after: (reply) => ([200, 206].includes(reply.status) ? change(reply) : reply) }
}

function counted(times: number | undefined): { times?: number } {
  return times === undefined ? {} : { times }
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name))
}
