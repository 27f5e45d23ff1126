import { kept } from '../../cloud/kept.ts'
import type { KeylessPorts } from '../../cloud/keyless-ports.ts'

/** What a key in a key service is reached by. */
export interface KmsPorts extends KeylessPorts {
  /** Milliseconds that each request may take with all its attempts. */
  readonly patience: number
}

/** Milliseconds after which a credential is fetched anew: metadata servers give out what they have until five minutes before its end. */
const credentialLife = 240_000

/** A credential that is had once for many requests, and anew before it dies. */
export function keptCredential<T>(make: () => Promise<T>, { clock }: KmsPorts): () => Promise<T> {
  return kept(make, { clock, renewal: () => clock.now() + credentialLife })
}
