import * as v from 'valibot'
import { publicServices, type Services } from '../services/signing-config.ts'
import { githubServicesAt } from './instance.ts'

const claims = v.object({ iss: v.string(), repository_visibility: v.picklist(['private', 'internal']) })

/**
 * Where to sign for whom a token names: GitHub's own instance for its private and internal repositories, so that their names are in no
 * public log, as actions/attest does; else the public one. The token is one's own, so nothing in it is proven here.
 */
export function servicesFor(token: string): Services {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), claims), payload)
  const server = parsed.success ? githubServerOf(parsed.output.iss) : undefined
  return server === undefined ? publicServices : githubServicesAt(server)
}

/**
 * The server whose workflows an issuer vouches for: github.com, or a tenant of ghe.com; undefined for any other. An enterprise may have its
 * name behind the issuer (docs.github.com, OpenID Connect reference).
 */
export function githubServerOf(issuer: string): string | undefined {
  const [, host] = /^https:\/\/token\.actions\.(githubusercontent\.com|[a-z0-9-]+\.ghe\.com)(?:\/[^/]+)?$/.exec(issuer) ?? []
  return host === undefined ? undefined : `https://${host === 'githubusercontent.com' ? 'github.com' : host}`
}
