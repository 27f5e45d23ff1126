import type { Ports } from '../../../spec/ports.ts'
import { loadSigningKey } from '../keys/key-reference.ts'
import type { KeyHandle } from '../keys/private-key.ts'
import { parseServiceReference } from '../keys/service-reference.ts'

/** The values of the inputs that name a key. */
export interface KeyChoice {
  readonly key?: string | undefined
  readonly keyPassword?: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

export type KeyOpeners = Pick<Ports, 'environment' | 'identity' | 'secrets' | 'files' | 'http' | 'clock' | 'signal'>

/** The key of a choice that has one. Throws SW-KEY-…, SW-KMS-…. */
export function openKey(reference: string, { keyPassword, timeout }: KeyChoice, ports: KeyOpeners): Promise<KeyHandle> {
  const { environment, secrets, files, http, clock, identity, signal } = ports
  const mask = (text: string): void => secrets.mask(text)
  const { workspace } = files
  return loadSigningKey(reference, keyPassword, { http, clock, identity, signal, environment, mask, workspace, patience: timeout })
}

/**
 * Begins to open the key, where it is one in hand: a service is asked only for an image that is there. What is wrong with it is told to
 * who opens it, in its own turn.
 */
export async function beginToOpen(choice: KeyChoice, ports: KeyOpeners): Promise<void> {
  try {
    if (choice.key !== undefined && parseServiceReference(choice.key) === undefined) await openKey(choice.key, choice, ports)
  } catch {
    // Whoever needs the key opens it again, and hears why not.
  }
}
