import type { Handler, IncomingMessage, ServerResponse } from '../../../io/server.ts'
import type { Clock, Log } from '../../../spec/ports.ts'
import type { Gate } from '../auth/gate.ts'
import { type Asked, lengthOf, type Registry, type Reply } from '../exchange.ts'
import { askedOf, bytesOf, sendHead } from '../serve.ts'
import { createMemory } from './effects.ts'
import { Interruption } from './interruption.ts'
import { requestKindOf } from './request-kind.ts'
import { credentialsOf, type LogEntry, shownTarget } from './request-log.ts'
import { phaseOf } from './rule.ts'
import type { Script } from './script.ts'
import { answerBytes, replyTo, type Visit } from './visit.ts'

export interface Surroundings {
  readonly script: Script
  readonly gate: Gate | undefined
  readonly isToken: (asked: Asked) => boolean
  readonly clock: Clock
  readonly log: Log
  /** Told of each request when it comes, before any rule. */
  readonly onRequest?: ((asked: Asked) => void) | undefined
  /** Told before the last byte of an answer is sent, so whoever has the answer finds the entry. */
  readonly onAnswer?: ((entry: LogEntry) => void) | undefined
}

/** A registry for `listen` that fails as its script says, and tells of each request how it went. */
export function serveFaulty(registry: Registry, surroundings: Surroundings): Handler {
  const memory = createMemory(registry)
  return async (request, response) => {
    const tally = { bytesIn: 0, bytesOut: 0 }
    const asked = counted(askedOf(request), tally)
    surroundings.onRequest?.(asked)
    const visit = await visitOf(asked, request, surroundings)
    const tell = teller(visit, tally, surroundings)
    try {
      const reply = await replyTo(visit, registry, memory)
      await send(reply, visit, { request, response, tally, tell })
    } catch (error) {
      if (error instanceof Interruption) end(error, request, tell)
      else if (request.socket.destroyed) tell('gone')
      else throw error
    }
  }
}

type Tell = (status: LogEntry['status']) => void

/** Rules act, and count, only on requests that may pass; those to the token service always may. */
async function visitOf(asked: Asked, request: IncomingMessage, { script, gate, isToken, clock }: Surroundings): Promise<Visit> {
  const kind = isToken(asked) ? 'token' : requestKindOf(asked)
  const refused = kind === 'token' ? undefined : await gate?.answer(asked)
  const rules = refused === undefined ? script.firing(asked, kind) : []
  return { asked, kind, refused, rules, clock, gate, gone: () => left(request, clock) }
}

/** Milliseconds that a body is left unread: longer than clients wait for a byte to move. */
const unread = 60_000

/** Resolves when the client has gone. Behind bytes that nobody reads its end cannot be seen: after a while they are thrown away. */
async function left(request: IncomingMessage, clock: Clock): Promise<void> {
  const { socket } = request
  if (socket.destroyed) return
  // Not by `once` of node:events: a client that resets the connection has gone as well.
  const closed = new Promise((resolve) => socket.once('close', resolve))
  if (request.complete) return void (await closed)
  const isGone = new AbortController()
  socket.once('close', () => isGone.abort())
  await clock.sleep(unread, isGone.signal).catch(() => undefined)
  const discard = (): void => {
    while (request.read() !== null);
  }
  request.on('readable', discard)
  discard()
  await closed
}

/** Tells once: an answer is told before its last byte, and may still break after that. */
function teller({ asked, kind, rules }: Visit, tally: { bytesIn: number; bytesOut: number }, { clock, onAnswer }: Surroundings): Tell {
  const began = clock.now()
  let isTold = false
  return (status) => {
    if (isTold) return
    isTold = true
    onAnswer?.({
      time: new Date(began).toISOString(),
      method: asked.method,
      path: shownTarget(asked),
      kind,
      status,
      ...tally,
      rules: rules.map(({ name }) => name),
      milliseconds: clock.now() - began,
      credentials: credentialsOf(asked),
    })
  }
}

async function send(
  reply: Reply,
  visit: Visit,
  { request, response, tally, tell }: { request: IncomingMessage; response: ServerResponse; tally: { bytesOut: number }; tell: Tell },
): Promise<void> {
  sendHead(reply, request, response)
  const promised = visit.asked.method === 'HEAD' ? 0 : Number(reply.headers['content-length'] ?? lengthOf(reply))
  const mayBreak = visit.rules.some((rule) => phaseOf(rule) === 'answer')
  if (mayBreak) response.flushHeaders()
  for await (const piece of answerBytes(visit, reply, bytesOf(reply, request))) {
    tally.bytesOut += piece.length
    if (tally.bytesOut === promised && !mayBreak) tell(reply.status)
    await written(response, piece)
  }
  // Fewer bytes than the answer announces: the connection ends, as a crashed server's would.
  if (tally.bytesOut < promised) throw new Interruption('cut')
  tell(reply.status)
  response.end()
}

function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(piece, (error) => (error ? reject(error) : resolve()))
  })
}

/** Bytes that were written before are with the kernel, and arrive. */
function end({ how }: Interruption, { socket }: IncomingMessage, tell: Tell): void {
  if (typeof how === 'object') throw new Error('an answer in the place of an answer’s bytes')
  tell(how)
  if (how === 'reset') socket.resetAndDestroy()
  else socket.destroy()
}

function counted(asked: Asked, tally: { bytesIn: number }): Asked {
  return { ...asked, body: count(asked.body) }

  async function* count(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      tally.bytesIn += piece.length
      yield piece
    }
  }
}
