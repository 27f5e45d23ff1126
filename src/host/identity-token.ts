import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { systemCode } from '../base/errors.ts'
import type { Identity } from '../spec/ports.ts'
import { identityUnavailable } from './errors.ts'
import type { Environment } from './process-environment.ts'

const variable = 'SIGSTORE_ID_TOKEN'
/** Seconds that a token must still be good for. */
const leastLife = 10

/** What we read of a token before we show it to anybody (RFC 7519 §4.1). Its signature is the receiver's to check. */
const claims = v.object({
  aud: v.union([
    v.pipe(
      v.string(),
      v.transform((audience) => [audience]),
    ),
    v.array(v.string()),
  ]),
  exp: v.number(),
})

export interface GivenTokenOptions {
  readonly environment: Environment
  readonly now: () => number
  readonly mask: (token: string) => void
  /** Absolute: where a token is mounted, on hosts that do so. */
  readonly file?: string
}

/** Tokens that somebody else made for this run: in SIGSTORE_ID_TOKEN, or in a file. Each is checked before it is used. */
export function givenIdentity({ environment, now, mask, file }: GivenTokenOptions): Identity {
  return {
    async token(audience) {
      const given = environment[variable]
      const found = given ? { text: given, origin: variable } : readToken(file, audience)
      const token = found.text.trim()
      mask(token)
      check(token, { audience, now: now(), origin: found.origin })
      return token
    },
  }
}

/** Read each time: the kubelet replaces the file before the token in it expires. */
function readToken(file: string | undefined, audience: string): { readonly text: string; readonly origin: string } {
  const missing = `This run has no identity token for audience "${audience}": ${variable} is not set`
  if (file === undefined) throw identityUnavailable(`${missing}.`, { hint: `set ${variable} to an OIDC token for audience ${audience}` })
  try {
    return { text: readFileSync(file, 'utf8'), origin: file }
  } catch (cause) {
    throw identityUnavailable(`${missing}, and ${file} cannot be read (${systemCode(cause) ?? 'unknown error'}).`, {
      cause,
      hint: `mount a projected serviceAccountToken {audience: ${audience}, path: oidc-token} at /var/run/sigstore/cosign`,
    })
  }
}

function check(
  token: string,
  { audience, now, origin }: { readonly audience: string; readonly now: number; readonly origin: string },
): void {
  const [, payload = ''] = token.split('.')
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), claims), Buffer.from(payload, 'base64url').toString())
  if (!read.success) throw identityUnavailable(`What is in ${origin} is no identity token, expected a JWT with aud and exp.`)
  const { aud, exp } = read.output
  if (!aud.includes(audience)) {
    const seen = aud.map((one) => `"${one}"`).join(', ')
    throw identityUnavailable(`The identity token in ${origin} is for audience ${seen}, expected "${audience}".`, {
      hint: `make the token for audience ${audience}`,
    })
  }
  if (exp < now / 1000 + leastLife) {
    const until = new Date(exp * 1000).toISOString()
    throw identityUnavailable(`The identity token in ${origin} is good until ${until}, and it is ${new Date(now).toISOString()}.`, {
      hint: 'make the token right before this step, or let it live longer',
    })
  }
}
