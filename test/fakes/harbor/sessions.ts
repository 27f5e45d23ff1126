import { randomBytes } from 'node:crypto'
import type { Asked, Headers, Reply } from '../../../src/domain/registry/exchange.ts'
import { done, forbidden, text } from './answers.ts'
import type { Logins } from './login.ts'
import type { Who } from './rights.ts'

/** Cookies, and what they cost: whoever sends one back needs a token for every change, with the best of passwords. */
export interface Sessions {
  /** The answer to a login page or a login, undefined for other paths. Throws 403 for a change without token. */
  answer(asked: Asked): Promise<Reply | undefined>
  whoIs(asked: Asked): Who | undefined
  headers(asked: Asked): Headers
}

export function createSessions(logins: Logins): Sessions {
  const users = new Map<string, Who>()
  const tokens = new Set<string>()
  const sidOf = ({ headers: { cookie = '' } }: Asked): string | undefined => /(?:^|;\s*)sid=([^;]+)/.exec(cookie)?.[1]
  return {
    async answer(asked) {
      requireToken(asked)
      if (!asked.path.startsWith('/c/')) return undefined
      if (asked.path === '/c/log_out') {
        users.delete(sidOf(asked) ?? '')
        return done()
      }
      if (asked.method === 'GET')
        return text('<!doctype html><title>404 - Page Not Found</title>', { status: 404, type: 'text/html; charset=utf-8' })
      const form = new URLSearchParams(await formText(asked))
      const who = await logins.check(form.get('principal') ?? '', form.get('password') ?? '')
      if (who.kind === 'anonymous') return done(401)
      users.set(sidOf(asked) ?? '', who)
      return done()
    },
    whoIs: (asked) => users.get(sidOf(asked) ?? ''),
    headers(asked) {
      if (sidOf(asked) === undefined && !asked.path.startsWith('/c/')) return {}
      const token = randomBytes(16).toString('base64')
      tokens.add(token)
      return { 'x-harbor-csrf-token': token }
    },
  }

  function requireToken(asked: Asked): void {
    const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(asked.method)
    if (!isChange || (sidOf(asked) === undefined && !asked.path.startsWith('/c/'))) return
    const token = asked.headers['x-harbor-csrf-token']
    if (token === undefined) throw forbidden('CSRF token not found in request')
    if (!tokens.has(String(token))) throw forbidden('CSRF token invalid')
  }
}

async function formText({ body }: Asked): Promise<string> {
  let form = ''
  for await (const piece of body) form += piece.toString('utf8').slice(0, 10_000)
  return form
}
