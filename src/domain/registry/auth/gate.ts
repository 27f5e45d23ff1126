import { isBasic } from '../access.ts'
import type { Asked, Reply } from '../exchange.ts'
import { errorReply } from '../refusal.ts'
import { type AuthOptions, isTokenRequest } from './dialect.ts'
import { covers, formatScope, neededScopes, type Scope } from './scopes.ts'
import { createTokenService, grantedTo } from './tokens.ts'

/** Stands in front of a registry: lets pass who may, tells the others how to ask, and is the token service. */
export interface Gate {
  /** The token service's answer or the refusal; undefined when the request may pass. */
  answer(asked: Asked): Promise<Reply | undefined>
  /** Ends every token, and gives the answer to one that is over. */
  expire(asked: Asked): Reply
}

export function createGate(options: AuthOptions): Gate {
  const tokens = createTokenService(options)
  return {
    answer: async (asked) => {
      if (isTokenRequest(asked, options)) return tokens.answer(asked)
      return passes(asked) ? undefined : refusal(asked, options)
    },
    expire: (asked) => {
      tokens.expire()
      return refusal(asked, options)
    },
  }

  function passes(asked: Asked): boolean {
    const { authorization } = asked.headers
    const needed = neededScopes(asked)
    if (options.mode === 'basic') return isBasic(authorization, options)
    if (options.mode === 'harbor' && isBasic(authorization, options)) return covers(needed.map(grantedToUser), needed)
    const granted = authorization?.startsWith('Bearer ') === true ? tokens.grantedBy(authorization.slice('Bearer '.length)) : undefined
    return granted !== undefined && covers(granted, needed)
  }

  function grantedToUser(scope: Scope): Scope {
    return grantedTo(options.username, formatScope(scope), options)
  }
}

function refusal(asked: Asked, { mode, realm, tokenPath = '/token', service = 'slipway' }: AuthOptions): Reply {
  const scope = neededScopes(asked).map(formatScope).join(' ')
  const bearer = `Bearer realm="${realm ?? `${originOf(asked)}${tokenPath}`}",service="${service}"${scope === '' ? '' : `,scope="${scope}"`}`
  // Harbor names itself there, whatever its service is called (Harbor, middleware/v2auth).
  const basic = `Basic realm="${mode === 'harbor' ? 'harbor' : mode === 'basic' ? (realm ?? service) : service}"`
  const isKnown = asked.headers.authorization !== undefined
  const challenge = { bearer, harbor: isKnown ? basic : bearer, forgejo: `${bearer}, ${basic}`, basic: `${basic},service="${service}"` }[
    mode
  ]
  return errorReply({ status: 401, code: 'UNAUTHORIZED', message: 'authentication required', headers: { 'www-authenticate': challenge } })
}

/** As the client calls us: it may know this machine by another name. */
function originOf({ headers: { host = '' } }: Asked): string {
  return `http://${/^[\w.[\]:-]{1,255}$/.test(host) ? host : 'localhost'}`
}
