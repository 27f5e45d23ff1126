import * as v from 'valibot'
import { TaskError } from '../../base/errors.ts'
import type { Choice } from './applications.ts'
import type { Argo } from './client.ts'

/** That something has changed with an application: when a stream tells it, it is time to look. */
export interface Hint {
  readonly name: string
  readonly namespace: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
}

export interface Watched extends Choice {
  readonly name?: string | undefined
}

/** What a hint is made of; the streams of Argo CD can be trimmed to any field. */
const fields = 'result.type,result.application.metadata.name,result.application.metadata.namespace'
/** Milliseconds that a stream may last. Argo CD sends a line each 15 s, so that one which is silent for the transport’s 60 s is dead. */
const longest = 24 * 3_600_000
const longestLine = 1024 * 1024

/**
 * Changes of applications as they happen, first one hint for each that is there. It ends quietly when the stream is cut, is refused or
 * cannot be had, and equal messages in a row come once: who waits asks by himself as well. `signal` ends it.
 */
export async function* watchApplications(
  argo: Argo,
  { name, selector, projects, namespace }: Watched,
  signal: AbortSignal,
): AsyncGenerator<Hint, void> {
  const query = { name, selector, projects, appNamespace: namespace, fields }
  try {
    const call = {
      method: 'GET',
      path: '/stream/applications',
      query,
      doing: 'tell of changes',
      timeout: longest,
      idempotent: false,
      holdsNoPlace: true,
    } as const
    const { body } = await argo.open(call, 'text/event-stream')
    const stop = (): void => void body.destroy()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      for await (const line of linesOf(body)) {
        const hint = hintIn(line)
        if (hint !== undefined) yield hint
      }
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
    }
  } catch (error) {
    // The wait itself meets what is wrong, and tells it. What is not of the way is a mistake of ours.
    if (!(error instanceof TaskError) && !signal.aborted) throw error
  }
}

/** Lines of text; one longer than a stream of hints has ends it. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
    if (rest.length > longestLine) return
  }
}

const watched = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    result: v.object({
      type: v.picklist(['ADDED', 'MODIFIED', 'DELETED']),
      application: v.object({ metadata: v.object({ name: v.string(), namespace: v.nullish(v.string(), '') }) }),
    }),
  }),
)

/** `data: {"result":{"type":"MODIFIED","application":{"metadata":{"name":"web"}}}}`, or the same without `data:`. */
function hintIn(line: string): Hint | undefined {
  const read = v.safeParse(watched, line.replace(/^data:/, ''))
  if (!read.success) return undefined
  const { type, application } = read.output.result
  return { type, name: application.metadata.name, namespace: application.metadata.namespace }
}
