import type { Clock } from '../../../spec/ports.ts'
import type { Gate } from '../auth/gate.ts'
import type { Asked, Reply } from '../exchange.ts'
import { errorReply } from '../refusal.ts'
import { Interruption } from './interruption.ts'
import type { Action, Rule } from './rule.ts'

/** What a rule acts with. */
export interface Means {
  readonly asked: Asked
  readonly clock: Clock
  readonly gate: Gate | undefined
  /** Resolves when the client has gone away. */
  readonly gone: () => Promise<unknown>
}

/** Lets one rule happen: waits, breaks the connection, or gives the answer that takes the place of the registry's. */
export async function act(rule: Rule, { asked, clock, gate, gone }: Means): Promise<Reply | undefined> {
  switch (rule.action) {
    case 'delay':
      await clock.sleep(rule.delay)
      return undefined
    case 'stall':
      await gone()
      throw new Interruption('stall')
    case 'reset':
    case 'cut':
      throw new Interruption(rule.action)
    case 'status':
      return statusReply(rule)
    case 'redirect':
      return { status: rule.status, headers: { location: rule.to.replaceAll('{path}', asked.target) } }
    case 'expire':
      return gate?.expire(asked) ?? expired
    case 'custom':
      return rule.answer?.(asked)
    default:
      return undefined
  }
}

const expired = errorReply({
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'the token is over',
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
})

function statusReply({ status, code, message, headers = {}, body }: Extract<Action, { action: 'status' }>): Reply {
  if (body !== undefined) return { status, headers, body: Buffer.from(body) }
  if (code === undefined) return { status, headers }
  return errorReply({ status, code, message: message ?? `${code} by a rule`, headers })
}
