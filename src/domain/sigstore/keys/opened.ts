import { sha256 } from '../../../base/digest.ts'
import type { Http } from '../../../spec/ports.ts'
import { parsePrivateKey, type SigningKey } from './private-key.ts'

/** A private key as it was found. */
export interface Closed {
  readonly pem: string
  readonly password: string | undefined
  /** Names it in errors. */
  readonly where: string
}

/** Belongs to the connections, and goes with them: the tasks of one run share what is open, two runs do not. */
const byConnections = new WeakMap<Http, Map<string, Promise<SigningKey>>>()

/**
 * The key, opened once for all tasks of a run: a password costs a fifth of a second of one processor, each time. Another password or
 * another text is another key. Throws SW-KEY-INVALID, SW-KEY-PASSWORD.
 */
export function openedOnce(http: Http, { pem, password, where }: Closed): Promise<SigningKey> {
  const keys = byConnections.get(http) ?? new Map<string, Promise<SigningKey>>()
  byConnections.set(http, keys)
  const name = sha256(Buffer.from(JSON.stringify([pem, password ?? null, where])))
  const opening = keys.get(name) ?? parsePrivateKey(pem, { where, ...(password === undefined ? {} : { password }) })
  keys.set(name, opening)
  return opening
}
