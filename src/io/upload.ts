import type { ClientRequest } from 'node:http'
import type { BodySource, OpenBody } from '../spec/ports.ts'
import { fileChanged } from './errors.ts'

/** Milliseconds to wait for a server's consent; many servers never give it. */
const patience = 1000

/**
 * Sends a body along a request; `stop` leaves the rest unsent when the answer has come first, and closes what it is read from. With
 * `expect: 100-continue` (RFC 9110 §10.1.1) the body waits for the server's consent. `giveUp` is told why the body failed.
 */
export function upload(
  request: ClientRequest,
  body: BodySource | OpenBody | Buffer | undefined,
  giveUp: (error: Error) => void,
): { stop(): void } {
  if (body === undefined || Buffer.isBuffer(body)) {
    request.end(body)
    return { stop: () => undefined }
  }
  const source = body.open()
  let stopped = false
  const stop = (): void => {
    stopped = true
    source.destroy()
  }
  request.once('close', stop)
  const send = async (): Promise<void> => {
    if (request.hasHeader('expect')) await consent(request)
    if (!stopped) await pump(request, source, 'size' in body ? body.size : undefined)
  }
  send().catch((error: unknown) => {
    if (!stopped) giveUp(error instanceof Error ? error : new Error('the body failed', { cause: error }))
  })
  return { stop }
}

function consent(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patience)
    for (const event of ['continue', 'response', 'close']) {
      request.once(event, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

/** One piece is on its way to the kernel while the next is read. */
async function pump(request: ClientRequest, source: AsyncIterable<Uint8Array>, size: number | undefined): Promise<void> {
  let sent = 0
  let before = Promise.resolve()
  for await (const piece of source) {
    sent += piece.length
    if (size !== undefined && sent > size) break
    await before
    before = written(request, piece)
  }
  await before
  if (size !== undefined && sent !== size)
    throw fileChanged(`The body gave ${sent} bytes${sent > size ? ' or more' : ''} while it was sent, expected ${size}.`)
  request.end()
}

/** Resolves when a piece is with the kernel, or never will be: the request's own events tell why. */
function written(request: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      request.off('close', done)
      resolve()
    }
    request.once('close', done)
    request.write(piece, done)
  })
}
