import * as v from 'valibot'
import type { Ports } from '../../../spec/ports.ts'
import { kept } from '../../cloud/kept.ts'

/** Milliseconds that a token must still live to be sent: a service that is busy takes its time. */
const leastLife = 60_000
/** RFC 7519 §4.1.4: seconds since 1970. */
const claims = v.pipe(v.string(), v.parseJson(), v.object({ exp: v.number() }))

/**
 * The identity token of the run, for the audience `sigstore`: the one that is given, or that of the host. It is asked for once, and anew
 * when it ends. What is attested of the run and the certificate that signs it are so by the same one.
 */
export function runToken(
  { identityToken: given }: { readonly identityToken?: string | undefined },
  { identity, clock }: Pick<Ports, 'identity' | 'clock'>,
): () => Promise<string> {
  const token = given?.trim()
  if (token !== undefined) return () => Promise.resolve(token)
  return kept(() => identity.token('sigstore'), { clock, renewal: (made) => endOf(made) - leastLife })
}

/** Milliseconds since 1970; of what says nothing, the beginning of time. */
function endOf(token: string): number {
  const parsed = v.safeParse(claims, Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return parsed.success ? parsed.output.exp * 1000 : 0
}
