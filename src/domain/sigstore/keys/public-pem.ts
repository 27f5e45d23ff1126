import type { KeyObject } from 'node:crypto'

/** A public key as the text of `cosign.pub`. */
export function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
