import type { IncomingMessage } from 'node:http'
import { formatDuration } from '../base/duration.ts'
import { excerpt } from '../base/untrusted.ts'
import type { Clock, HttpRequest, Log, Progress } from '../spec/ports.ts'
import type { Agents } from './agents.ts'
import { exchange, type Hop, StaleConnection } from './exchange.ts'
import type { HostQueue } from './host-queue.ts'
import type { Arrived, Caller } from './http-answer.ts'
import { type Failure, networkFailure, statusFailure } from './http-failure.ts'
import { backoff } from './retry.ts'

/** What all calls share. */
export interface CallSurroundings {
  readonly agents: Agents
  readonly clock: Clock
  readonly log: Log
  readonly progress: Progress | undefined
  readonly signal: AbortSignal
  readonly random: () => number
  /** Milliseconds. */
  readonly longestWait: number
  readonly queueOf: (url: URL) => HostQueue
}

const usualAnswers = [401, 403, 404, 405, 409, 412, 416]
/** Attempts where more would not help. */
const fewAttempts = 5
const excerptSize = 500
const excerptTime = 5000

/** One request of a caller with all its attempts: they share a deadline, which begins with the first one. */
export class Call implements Caller {
  readonly #request: HttpRequest
  readonly #around: CallSurroundings
  readonly signal: AbortSignal
  #attempt = 0
  #begun: number | undefined

  constructor(request: HttpRequest, around: CallSurroundings) {
    this.#request = request
    this.#around = around
    const signals = [request.signal, request.evenStopped === true ? undefined : around.signal].filter((signal) => signal !== undefined)
    this.signal = signals.length === 1 && signals[0] !== undefined ? signals[0] : AbortSignal.any(signals)
  }

  /** Sends until there is an answer that the caller expects; waits between attempts, visibly. */
  async send(hop: Hop): Promise<Arrived> {
    for (;;) {
      const outcome = await this.#attemptOnce(hop)
      if ('message' in outcome) return { message: outcome.message, hop }
      await this.#waitAfter(outcome.failure, hop)
    }
  }

  /** Sends again when the body of an answer broke off while it was read whole; any other error is thrown as it is. */
  async again(error: unknown, before: Arrived): Promise<Arrived> {
    const failure = networkFailure(error, before.hop)
    if (failure.retry === 'no') throw error
    await this.#waitAfter(failure, before.hop)
    const next = await this.send(before.hop)
    if (next.message.statusCode === before.message.statusCode) return next
    next.message.destroy()
    throw error
  }

  async #attemptOnce(hop: Hop): Promise<{ message: IncomingMessage } | { failure: Failure }> {
    const { clock } = this.#around
    const queue = this.#around.queueOf(hop.url)
    const place = await queue.enter(
      hop.method === 'GET' || hop.method === 'HEAD' ? 'down' : 'up',
      this.#request.priority ?? 'metadata',
      this.signal,
    )
    if (this.#request.holdsNoPlace === true) place.leave()
    this.#begun ??= clock.now()
    this.#attempt += 1
    try {
      const message = await this.#exchange(hop)
      message.once('close', place.leave)
      if (this.#isExpected(message)) {
        place.served()
        return { message }
      }
      const failure = statusFailure(message, await excerptOf(message), { hop, now: clock.now() })
      if (failure.busy === true) place.turnedAway()
      return { failure }
    } catch (error) {
      place.leave()
      this.signal.throwIfAborted()
      return { failure: networkFailure(error, hop) }
    }
  }

  /** A kept connection that turns out to be closed is no failure of the server's: the same at once over a new one, or whoever asked begins anew. */
  async #exchange(hop: Hop): Promise<IncomingMessage> {
    const { agents } = this.#around
    const options = {
      signal: this.signal,
      idleTimeout: this.#request.idleTimeout ?? 60_000,
      moreIdle: this.#request.moreIdle,
      timeLeft: Math.max(this.timeLeft(), 1),
      askFirst: this.#attempt > 1,
    }
    const { onStale } = this.#request
    const agent = agents.agentFor(hop, this.#isRepeatable() || onStale !== undefined)
    try {
      return await exchange(hop, { ...options, agent })
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error
      // Closed by us, when all was over: it would hold the process.
      if (!agents.has(agent)) throw error.cause
      if (!this.#isRepeatable()) {
        onStale?.()
        throw error.cause
      }
      return exchange(hop, { ...options, agent: agents.agentFor(hop, false) })
    }
  }

  #isExpected({ statusCode: status = 0, headers }: IncomingMessage): boolean {
    const { expect, redirect } = this.#request
    if (status >= 300 && status < 400 && (redirect === 'manual' || headers.location !== undefined)) return true
    if (expect !== undefined) return expect.includes(status)
    return status < 400 || usualAnswers.includes(status)
  }

  async #waitAfter(failure: Failure, hop: Hop): Promise<void> {
    const { clock, random, log, progress, queueOf, longestWait } = this.#around
    const queue = queueOf(hop.url)
    const wait = Math.max(failure.after ?? 0, backoff(Math.max(this.#attempt, queue.strikes), random()))
    if (!this.#mayRepeat(failure) || wait > longestWait || wait >= this.timeLeft()) throw failure.error(this.#tried(failure))
    if (failure.busy === true) queue.pause(wait)
    const next = formatDuration(wait)
    const left = formatDuration(this.timeLeft())
    log.warn('waiting before the next attempt', { host: hop.url.host, seen: failure.seen, attempt: this.#attempt, next, left })
    progress?.doing(`${hop.url.host} ${failure.seen}, attempt ${this.#attempt}, next in ${next}, ${left} left`)
    await clock.sleep(wait, this.signal)
  }

  #mayRepeat({ retry, sent }: Failure): boolean {
    if (retry === 'no' || (sent && !this.#isRepeatable()) || this.#attempt === this.#request.attempts) return false
    return retry === 'yes' || this.#attempt < fewAttempts
  }

  #isRepeatable(): boolean {
    const { method, idempotent } = this.#request
    return idempotent ?? (method !== 'POST' && method !== 'PATCH')
  }

  timeLeft(): number {
    const now = this.#around.clock.now()
    return (this.#begun ?? now) + (this.#request.deadline ?? 300_000) - now
  }

  #tried({ after }: Failure): string {
    const asked = after === undefined ? '' : `, the server asks to wait ${formatDuration(after)}`
    if (this.#attempt === 1) return asked
    const time = formatDuration(this.#around.clock.now() - (this.#begun ?? 0))
    return ` after ${this.#attempt} attempts in ${time}${asked}`
  }
}

async function excerptOf(message: IncomingMessage): Promise<string> {
  const enough = setTimeout(() => message.destroy(), excerptTime)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of message) {
      chunks.push(chunk)
      size += chunk.length
      if (size > 64 * 1024) break
    }
  } catch {
    // What came of it will do.
  }
  clearTimeout(enough)
  return excerpt(Buffer.concat(chunks).toString('utf8'), excerptSize)
}
