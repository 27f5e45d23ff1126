import { type Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { systemCode } from '../base/errors.ts'
import type { BodySource, HttpRequest, HttpTls, OpenBody } from '../spec/ports.ts'
import { hasUnread } from './direct-read.ts'
import { streamPiece } from './file-read.ts'
import { kernelQueue } from './kernel-queue.ts'
import { upload } from './upload.ts'

/** One request to one URL, ready to be sent any number of times. */
export interface Hop {
  readonly method: HttpRequest['method']
  readonly url: URL
  /** Whether the addresses behind the host's name are judged. */
  readonly guarded: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: HttpTls
  readonly body?: BodySource | OpenBody | Buffer
}

export interface ExchangeOptions {
  readonly agent: Agent
  readonly signal: AbortSignal
  /** Milliseconds without a byte in either direction. */
  readonly idleTimeout: number
  /** How many more may go by so; 0 is the end. */
  readonly moreIdle?: (() => number) | undefined
  /** Milliseconds until the answer must have begun, unless the body is still on its way. */
  readonly timeLeft: number
  /** Whether a streamed body waits for the server's consent, so that a refusal is read rather than met as a cut connection. */
  readonly askFirst: boolean
}

/** Nothing moved for too long. */
export class Stalled extends Error {}

/** Nothing was sent, as there never was a connection. */
export class NeverConnected extends Stalled {}

/** A kept connection was closed by the server just when it was used again: what was sent on it nobody has read. */
export class StaleConnection extends Error {}

/** Longest wait for a connection, in milliseconds. */
const connectTimeout = 30_000
const headerLimit = 64 * 1024

/** Sends a request once; resolves when the headers of the answer have come, its body still to be read. */
export async function exchange(hop: Hop, options: ExchangeOptions): Promise<IncomingMessage> {
  options.signal.throwIfAborted()
  const request = open(hop, options)
  const { promise: answer, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.once('response', resolve)
  request.on('error', reject)
  // A request that waits for a proxy's consent has no socket yet, and Node tells of its end only when it gets one: rejected here as well.
  const giveUp: GiveUp = (error) => {
    request.destroy(error)
    reject(error)
  }
  // Not by Node's own option `signal`, which costs as much as the rest of a small request.
  const aborted = (): void => giveUp(options.signal.reason)
  options.signal.addEventListener('abort', aborted, { once: true })
  request.once('close', () => options.signal.removeEventListener('abort', aborted))
  const guards = [guardConnection(request, options, giveUp), guardDeadline(request, options, giveUp)]
  guardIdle(request, options)
  let sending: { stop(): void } | undefined
  try {
    sending = upload(request, hop.body, giveUp)
    const message = await answer
    settle(request, message, sending)
    return message
  } catch (error) {
    answer.catch(() => undefined)
    sending?.stop()
    request.destroy()
    // Of a request without a socket there may be no end to hear of.
    options.signal.removeEventListener('abort', aborted)
    if (request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? ''))
      throw new StaleConnection('a kept connection was closed', { cause: error })
    throw error
  } finally {
    for (const guard of guards) clearTimeout(guard.timer)
  }
}

type GiveUp = (error: Error) => void

function open({ method, url, headers, body }: Hop, { agent, askFirst }: ExchangeOptions): ClientRequest {
  const length = body === undefined ? (method.startsWith('P') ? 0 : undefined) : sizeOf(body)
  // Its agent makes it http or https. `highWaterMark` reaches the socket, though the types do not know it.
  const socket = { agent, maxHeaderSize: headerLimit, highWaterMark: streamPiece }
  return send({
    ...urlToHttpOptions(url),
    ...socket,
    method,
    headers: {
      ...headers,
      ...(length === undefined ? {} : { 'content-length': length }),
      ...(askFirst && body !== undefined && !Buffer.isBuffer(body) ? { expect: '100-continue' } : {}),
    },
  })
}

/** In bytes, where that is known. */
function sizeOf(body: BodySource | OpenBody | Buffer): number | undefined {
  if (Buffer.isBuffer(body)) return body.length
  return 'size' in body ? body.size : undefined
}

interface Guard {
  timer: NodeJS.Timeout
}

/** The socket's own timer begins only when it is connected. */
function guardConnection(request: ClientRequest, { idleTimeout }: ExchangeOptions, giveUp: GiveUp): Guard {
  const most = Math.min(idleTimeout, connectTimeout)
  const guard = { timer: setTimeout(() => giveUp(new NeverConnected(`no connection within ${most / 1000} s`)), most) }
  const connected = (): void => clearTimeout(guard.timer)
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', connected)
    else connected()
  })
  return guard
}

function guardDeadline(request: ClientRequest, { timeLeft, idleTimeout }: ExchangeOptions, giveUp: GiveUp): Guard {
  const guard: Guard = { timer: setTimeout(check, timeLeft) }
  let sending = true
  function check(): void {
    if (!sending) giveUp(new Stalled('no answer within the time for the request'))
    // A long upload is no fault; once it is through, the server has as long as between any two bytes.
    else guard.timer = setTimeout(check, idleTimeout)
    sending = !request.writableFinished
  }
  request.once('finish', () => {
    sending = false
  })
  return guard
}

/** By the socket's own event: that of the request comes once only. Who may grant more time is not asked while the kernel still gets bytes through. */
function guardIdle(request: ClientRequest, { idleTimeout, moreIdle }: ExchangeOptions): void {
  let message: IncomingMessage | undefined
  let queued = 0
  const moves = (): boolean => {
    const before = queued
    queued = moreIdle === undefined || request.socket === null ? 0 : kernelQueue(request.socket)
    return queued !== before
  }
  request.once('response', (answer) => {
    message = answer
  })
  const check = (): void => {
    // Bytes lie ready that nobody has asked for yet: it is not the server that is slow.
    const isBusy = (message !== undefined && hasUnread(message)) || moves()
    const more = isBusy ? idleTimeout : (moreIdle?.() ?? 0)
    if (more > 0) request.setTimeout(more)
    else request.destroy(new Stalled(`no byte for ${idleTimeout / 1000} s`))
  }
  request.setTimeout(idleTimeout)
  request.once('socket', (socket) => {
    socket.on('timeout', check)
    request.once('close', () => socket.off('timeout', check))
  })
}

/** An answer that comes before the body is through ends the sending, and the connection with it. */
function settle(request: ClientRequest, message: IncomingMessage, sending: { stop(): void }): void {
  if (!request.writableFinished && (message.statusCode ?? 0) >= 300) sending.stop()
  message.once('close', () => {
    if (!request.writableFinished) request.destroy()
  })
}
