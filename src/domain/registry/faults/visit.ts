import type { Clock } from '../../../spec/ports.ts'
import type { Gate } from '../auth/gate.ts'
import { type Asked, lengthOf, type Registry, type Reply } from '../exchange.ts'
import { act, type Means } from './act.ts'
import { asking, dropped, type Memory } from './effects.ts'
import { Interruption } from './interruption.ts'
import type { RequestKind } from './request-kind.ts'
import { type Action, type ActionName, type Phase, phaseOf, type Rule } from './rule.ts'
import { disturbed } from './stream.ts'

/** One request and the rules that act on it. */
export interface Visit {
  readonly asked: Asked
  readonly kind: RequestKind | undefined
  /** The answer to those who may not. */
  readonly refused: Reply | undefined
  readonly rules: readonly Rule[]
  readonly clock: Clock
  readonly gate: Gate | undefined
  readonly gone: Means['gone']
}

/** The answer to a request, by the rules of the phases before, body and after; {@link answerBytes} has the last one. */
export async function replyTo(visit: Visit, registry: Registry, memory: Memory): Promise<Reply> {
  try {
    const early = visit.refused ?? (await happen(visit, 'before'))
    if (early !== undefined) return early
    const reply = await effect(visit, registry, memory)
    if (find(visit, 'forget') !== undefined && reply.status < 300) await registry(asking(visit.asked, 'DELETE'))
    return changed(visit, (await happen(visit, 'after')) ?? reply)
  } catch (error) {
    if (find(visit, 'lose') !== undefined) await registry(asking(visit.asked, 'DELETE'))
    if (error instanceof Interruption && typeof error.how === 'object') return error.how
    throw error
  }
}

/** The bytes of an answer, as the rules of its phase let them through. */
export function answerBytes(
  visit: Visit,
  reply: Reply,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncIterable<Buffer> | Iterable<Buffer> {
  const rules = inPhase(visit, 'answer').filter(({ action }) => reply.status < 300 || action !== 'corrupt')
  if (rules.length === 0) return source
  return disturbed(source, { rules, length: lengthOf(reply), clock: visit.clock, act: (rule) => act(rule, visit) })
}

/** What the registry does, or seems to do. */
async function effect(visit: Visit, registry: Registry, memory: Memory): Promise<Reply> {
  const { kind, rules } = visit
  const asked = withoutIgnored({ ...visit.asked, body: requestBody(visit) }, rules)
  const stale = find(visit, 'stale')
  const old = stale === undefined ? undefined : memory.recall(asked, stale.reads)
  if (old !== undefined) return old
  if (kind === 'token' && visit.gate !== undefined) return (await visit.gate.answer(asked)) ?? registry(asked)
  if (find(visit, 'drop') !== undefined) return dropped(registry, asked, kind)
  if (kind === 'manifest-put' || kind === 'manifest-delete') await memory.note(asked)
  return registry(asked)
}

async function happen(visit: Visit, phase: Phase): Promise<Reply | undefined> {
  for (const rule of inPhase(visit, phase)) {
    const reply = await act(rule, visit)
    if (reply !== undefined) return reply
  }
  return undefined
}

function requestBody(visit: Visit): AsyncIterable<Buffer> {
  const rules = inPhase(visit, 'body')
  const { body, headers } = visit.asked
  if (rules.length === 0) return body
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  return disturbed(body, { rules, length, clock: visit.clock, act: (rule) => act(rule, visit) })
}

function withoutIgnored(asked: Asked, rules: readonly Rule[]): Asked {
  const ignored = rules.filter((rule) => rule.action === 'ignore')
  const query = new URLSearchParams(asked.query)
  for (const name of ignored.flatMap(({ parameters = [] }) => parameters)) query.delete(name)
  const names = ignored.flatMap(({ headers = [] }) => headers)
  return { ...asked, query, headers: Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !names.includes(name))) }
}

function changed({ rules, asked }: Visit, reply: Reply): Reply {
  return rules.reduce((made, rule) => {
    if (rule.action === 'custom') return rule.change?.(made, asked) ?? made
    if (rule.action === 'change') return withHeaders(made, rule)
    return made.status < 300 && (rule.action === 'truncate' || rule.action === 'extend') ? resized(made, rule) : made
  }, reply)
}

function withHeaders(reply: Reply, { status = reply.status, set = {}, unset = [] }: Extract<Action, { action: 'change' }>): Reply {
  const kept = Object.entries({ ...reply.headers, ...set }).filter(([name]) => !unset.includes(name))
  return { ...reply, status: reply.status < 300 ? status : reply.status, headers: Object.fromEntries(kept) }
}

function resized(reply: Reply, { action, bytes }: Extract<Action, { action: 'truncate' | 'extend' }>): Reply {
  const { body } = reply
  if (body === undefined) return reply
  const isLonger = action === 'extend'
  if (!Buffer.isBuffer(body))
    return { ...reply, body: isLonger ? { ...body, padding: bytes } : { ...body, end: Math.max(body.start, body.end - bytes) } }
  return { ...reply, body: isLonger ? Buffer.concat([body, Buffer.alloc(bytes)]) : body.subarray(0, Math.max(0, body.length - bytes)) }
}

function inPhase({ rules }: Visit, phase: Phase): readonly Rule[] {
  return rules.filter((rule) => phaseOf(rule) === phase)
}

/** The rule that has an action, if one has. */
function find<Name extends ActionName>({ rules }: Visit, name: Name): (Rule & { readonly action: Name }) | undefined {
  return rules.find((rule): rule is Rule & { readonly action: Name } => rule.action === name)
}
