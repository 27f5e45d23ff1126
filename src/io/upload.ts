import type { ClientRequest } from 'node:http'
import type { BodySource } from '../spec/ports.ts'
import { drained } from './drained.ts'
import { fileChanged } from './errors.ts'

/** Sends a body along a request; `stop` leaves the rest unsent when the answer has come first. */
export function upload(request: ClientRequest, body: BodySource | Buffer | undefined): { stop(): void } {
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
  pump(request, source, body.size).catch((error: unknown) => {
    if (!stopped) request.destroy(error instanceof Error ? error : new Error('the body failed', { cause: error }))
  })
  return { stop }
}

async function pump(request: ClientRequest, source: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  let sent = 0
  for await (const chunk of source) {
    sent += chunk.length
    if (sent > size) break
    if (!request.write(chunk)) await drained(request)
  }
  if (sent !== size) throw fileChanged(`The body gave ${sent} bytes${sent > size ? ' or more' : ''} while it was sent, expected ${size}.`)
  request.end()
}
