import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { formatBytes } from '../base/bytes.ts'
import { excerpt, neutraliseLine } from '../base/untrusted.ts'
import type { HttpResponse, Pieces } from '../spec/ports.ts'
import { canReadDirectly, readDirectly } from './direct-read.ts'
import { httpMalformed, httpTooLarge, httpTruncated } from './errors.ts'
import { type Hop, Stalled } from './exchange.ts'
import { streamPiece } from './file-read.ts'
import { networkFailure } from './http-failure.ts'
import { showUrl } from './url-policy.ts'

/** An answer as it came, with the request that it answers. */
export interface Arrived {
  readonly message: IncomingMessage
  readonly hop: Hop
}

const defaultLimit = 4 * 1024 * 1024
/** Left-over bytes that are cheaper to read than a new connection. */
const worthDraining = 64 * 1024

/** What the call that led to an answer can still do. */
export interface Caller {
  /** Asks once more, when the body of the answer broke off before anyone has seen it. */
  again(failed: unknown, before: Arrived): Promise<Arrived>
  /** Aborted when the whole run is. */
  readonly signal: AbortSignal
  /** Milliseconds until the deadline of the whole request. */
  timeLeft(): number
}

/** The `HttpResponse` port over one answer. */
export class Answer implements HttpResponse {
  #arrived: Arrived
  #body: Readable | undefined
  readonly #caller: Caller

  constructor(arrived: Arrived, caller: Caller) {
    this.#arrived = arrived
    this.#caller = caller
    if (isEmpty(arrived)) arrived.message.on('error', () => undefined).resume()
    // A long one nobody would read to its end unasked.
    else if (lengthForDirect(arrived) === undefined) this.#body = bodyOf(arrived, caller.signal)
  }

  get body(): Readable {
    this.#body ??= bodyOf(this.#arrived, this.#caller.signal)
    return this.#body
  }

  pieces(): Pieces {
    const length = lengthForDirect(this.#arrived)
    if (this.#body !== undefined || length === undefined) return this.body
    const direct = readDirectly(this.#arrived.message, length)
    const generator = translated(direct, this.#arrived, this.#caller.signal)
    return { [Symbol.asyncIterator]: () => generator, destroy: () => direct.destroy() }
  }

  get status(): number {
    return this.#arrived.message.statusCode ?? 0
  }

  get url(): string {
    return this.#arrived.hop.url.href
  }

  header(name: string): string | undefined {
    const values = this.headers(name)
    return values.length === 0 ? undefined : values.join(', ')
  }

  headers(name: string): readonly string[] {
    return this.#arrived.message.headersDistinct[name] ?? []
  }

  async bytes(limit = defaultLimit): Promise<Buffer> {
    if (isEmpty(this.#arrived)) {
      await this.discard()
      return Buffer.alloc(0)
    }
    for (;;) {
      try {
        return await this.#whole(limit)
      } catch (error) {
        this.#arrived = await this.#caller.again(error, this.#arrived)
        this.#body = bodyOf(this.#arrived, this.#caller.signal)
      }
    }
  }

  async text(limit?: number): Promise<string> {
    return new TextDecoder().decode(await this.bytes(limit))
  }

  async json(limit?: number): Promise<unknown> {
    const text = await this.text(limit)
    try {
      return JSON.parse(text)
    } catch (error) {
      const { method, url } = this.#arrived.hop
      throw httpMalformed(`${method} ${showUrl(url)} answered ${this.status}, but not with JSON: ${beginningOf(text)}`, { cause: error })
    }
  }

  async discard(): Promise<void> {
    if (isEmpty(this.#arrived)) return ended(this.#arrived.message)
    let left = worthDraining
    const deadline = this.#endInTime()
    try {
      for await (const chunk of this.body) {
        left -= chunk.length
        if (left < 0) break
      }
    } catch {
      // Nobody wanted these bytes.
    } finally {
      clearTimeout(deadline)
    }
  }

  async #whole(limit: number): Promise<Buffer> {
    const announced = Number(this.header('content-length') ?? 0)
    if (announced > limit) throw this.#tooLarge(announced, limit)
    const deadline = this.#endInTime()
    try {
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of this.body) {
        size += chunk.length
        if (size > limit) throw this.#tooLarge(size, limit)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    } finally {
      clearTimeout(deadline)
    }
  }

  /** Bytes that trickle in are never idle long enough; who reads a stream watches the time himself. */
  #endInTime(): NodeJS.Timeout {
    const { message } = this.#arrived
    const late = (): void => void message.destroy(new Stalled('no whole answer within the time for the request'))
    return setTimeout(late, Math.max(this.#caller.timeLeft(), 1))
  }

  #tooLarge(seen: number, limit: number): Error {
    this.body.destroy()
    const { method, url } = this.#arrived.hop
    return httpTooLarge(`${method} ${showUrl(url)} answered with ${formatBytes(seen)} or more, expected at most ${formatBytes(limit)}.`)
  }
}

/** Without a body (RFC 9112 §6.3), as most answers of a registry are: to make a stream of nothing is half of what a request costs. */
function isEmpty({ message, hop }: Arrived): boolean {
  const { headers, statusCode: status } = message
  if (hop.method === 'HEAD' || status === 204 || status === 304) return true
  return headers['content-length'] === '0' && headers['transfer-encoding'] === undefined
}

/** Resolves when the connection is free for the next request. */
function ended(message: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (message.closed) resolve()
    else message.once('close', resolve)
  })
}

/** JSON that is cut off may hold a token that nobody has hidden yet; the parser's own message would quote it, too. */
function beginningOf(text: string): string {
  if (text.trim() === '') return 'nothing came.'
  return /^\s*[[{]/.test(text)
    ? `it breaks off, or is wrong, within ${text.length} characters.`
    : `it begins: ${neutraliseLine(excerpt(text, 200))}`
}

/** Bytes of a body from which on a connection of its own costs less than what Node's parser does with it. */
const worthConnection = 4 * 1024 * 1024

/** The length of a body that can be read past the parser. */
function lengthForDirect({ message, hop }: Arrived): number | undefined {
  const { headers, statusCode: status } = message
  if (hop.method !== 'GET' || (status !== 200 && status !== 206) || headers['transfer-encoding'] !== undefined) return undefined
  const length = Number(headers['content-length'] ?? 0)
  return length >= worthConnection && canReadDirectly(message) ? length : undefined
}

/** The body with its errors in our words. A connection that ends before `content-length` is an error; Node sees to that. */
function bodyOf({ message, hop }: Arrived, signal: AbortSignal): Readable {
  const body = Readable.from(translated(message, { message, hop }, signal), { objectMode: false, highWaterMark: streamPiece })
  body.once('close', () => message.destroy())
  // While a byte is awaited that may never come, the generator cannot be ended from without: what it waits for can.
  const { destroy } = body
  body.destroy = (error) => {
    message.destroy()
    return destroy.call(body, error)
  }
  // Whoever reads the body meets its error; when nobody does, it must not end the process.
  body.on('error', () => undefined)
  // A first megabyte is fetched unasked: an answer that nobody cares to read must not hold a place and a connection.
  body.read(0)
  return body
}

async function* translated(source: AsyncIterable<Uint8Array>, { message, hop }: Arrived, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let received = 0
  try {
    for await (const chunk of source) {
      received += chunk.length
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    const failure = networkFailure(error, hop).error('')
    if (failure.code !== httpTruncated.code) throw failure
    const announced = message.headers['content-length']
    const seen = announced === undefined ? `${received} bytes` : `${received} of ${announced} bytes`
    throw httpTruncated(`${hop.method} ${showUrl(hop.url)} answered ${message.statusCode}, but the connection ended after ${seen}.`, {
      cause: error,
      retryable: true,
    })
  }
}
