import { readPipe } from '../../../io/files.ts'
import type { Http } from '../../../spec/ports.ts'

/** Milliseconds: who is asked for the key, by another program, may have to touch something first. */
const patience = 30_000

/** Belongs to the connections, and goes with them, as the open keys do. */
const byConnections = new WeakMap<Http, Map<string, Promise<string>>>()

/** What comes out of a pipe, read once for all tasks of a run: `sign --key <(vault kv get …)`. Throws SW-FILE-… as `readPipe` does. */
export function readOnce(
  { http, signal }: { readonly http: Http; readonly signal?: AbortSignal | undefined },
  path: string,
  limit: number,
): Promise<string> {
  const texts = byConnections.get(http) ?? new Map<string, Promise<string>>()
  byConnections.set(http, texts)
  const text = texts.get(path) ?? readPipe(path, { limit, patience, signal })
  texts.set(path, text)
  return text
}
