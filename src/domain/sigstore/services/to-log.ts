import type { SignedBy } from '../formats/material.ts'
import type { KeyAlgorithm, SignatureForm } from '../keys/public-key.ts'

/** A signature for a transparency log. */
export interface ToLog {
  readonly form: SignatureForm
  readonly payload: Buffer
  /** The bytes that are signed. */
  readonly signed: Buffer
  readonly signature: Buffer
  readonly by: SignedBy
  readonly algorithm: KeyAlgorithm
}
