import { readPipe } from '../../../io/files.ts'
import type { Http, Ports } from '../../../spec/ports.ts'

/** Milliseconds: who is asked for the key, by another program, may have to touch something first. */
const patience = 30_000

/** Belongs to the connections, and goes with them, as the open keys do. */
const byConnections = new WeakMap<Http, Map<string, Promise<string>>>()

/**
 * What comes out of a pipe, read once for all tasks of a run, whatever name it has there: `sign --key <(vault kv get …)`. `pipe` is what
 * it is known by. Who waits for it waits until the own signal at most, also where another began to read. Throws SW-FILE-… as `readPipe`
 * does, and the reason of the signal.
 */
export function readOnce(
  { http, signal }: Pick<Ports, 'http' | 'signal'>,
  { path, pipe, limit }: { readonly path: string; readonly pipe: string; readonly limit: number },
): Promise<string> {
  const texts = byConnections.get(http) ?? new Map<string, Promise<string>>()
  byConnections.set(http, texts)
  const text = texts.get(pipe) ?? readPipe(path, { limit, patience, signal })
  texts.set(pipe, text)
  return until(signal, text)
}

function until<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    awaited.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
