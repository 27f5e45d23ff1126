import * as v from 'valibot'
import type { InstanceName } from './instance.ts'

/** Of github.com; an enterprise may have its name behind it (docs.github.com, “customizing the issuer value”). */
const githubIssuer = /^https:\/\/token\.actions\.githubusercontent\.com(?:\/[^/]+)?$/
const claims = v.object({ iss: v.pipe(v.string(), v.regex(githubIssuer)), repository_visibility: v.picklist(['private', 'internal']) })

/**
 * The instance that signs for whom a token names: GitHub's own for its private and internal repositories, so that their names are in no
 * public log, as actions/attest does; else the public one. The token is one's own, so nothing in it is proven here.
 */
export function instanceFor(token: string): InstanceName {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return v.is(v.pipe(v.string(), v.parseJson(), claims), payload) ? 'github' : 'public'
}
