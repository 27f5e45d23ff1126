import type { SignedBy } from '../formats/material.ts'
import type { KeyAlgorithm, SignatureForm } from '../keys/public-key.ts'

/** A signature for a transparency log. */
export interface ToLog {
  readonly form: SignatureForm
  /** In the legacy form: whether the payload is a statement in an envelope. */
  readonly enveloped?: boolean
  readonly payload: Buffer
  /** The bytes that are signed. */
  readonly signed: Buffer
  readonly signature: Buffer
  readonly by: SignedBy
  readonly algorithm: KeyAlgorithm
}

/** Whether what is signed is the statement of an envelope: in each bundle, and under the `.att` tag. */
export function isEnveloped({ form, enveloped = false }: Pick<ToLog, 'form' | 'enveloped'>): boolean {
  return form === 'bundle' || enveloped
}
