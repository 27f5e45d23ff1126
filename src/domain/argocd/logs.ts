import * as v from 'valibot'
import { excerpt } from '../../base/untrusted.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import { argocdDenied } from './errors.ts'
import { callOf } from './inspect.ts'
import { logEntry } from './inspect-schema.ts'
import { withoutSecrets } from './secret-shapes.ts'

export interface LogOf {
  readonly pod: string
  readonly namespace: string
  readonly container: string
  /** The last lines; fewer where they are long. */
  readonly lines: number
  /** Of the container before this one: it was started again. */
  readonly previous?: boolean
}

/** The end of a log, or why it is not there. */
export type ReadLog =
  | { readonly result: 'read'; readonly lines: readonly string[] }
  /** The account may see the application and not its logs: a right of its own. */
  | { readonly result: 'denied' }

const [longestLine, mostBytes, timeout] = [500, 1024 * 1024, 10_000]
const entry = v.pipe(v.string(), v.parseJson(), logEntry)

/**
 * The last lines of a container’s log, without what looks like a secret. They are the text of a program that nobody has checked: for
 * `log.untrusted` and summaries only. Throws SW-ARGOCD-NOT-FOUND, those of HTTP.
 */
export async function readLog(argo: Argo, id: ApplicationId, { pod, namespace, container, lines, previous }: LogOf): Promise<ReadLog> {
  const query = {
    namespace,
    podName: pod,
    container,
    tailLines: String(lines),
    follow: 'false',
    ...(previous === true ? { previous: 'true' } : {}),
  }
  const call = { ...callOf(id, '/logs', 'show a log of', query), needs: 'logs, get', timeout }
  try {
    const text = await (await argo.open(call, 'application/json')).text(mostBytes)
    return { result: 'read', lines: linesIn(text).slice(-lines) }
  } catch (error) {
    if (argocdDenied.is(error)) return { result: 'denied' }
    throw error
  }
}

function linesIn(text: string): string[] {
  const entries = text.split('\n').map((line) => v.safeParse(entry, line))
  const read = entries.flatMap((one) => (one.success && one.output.result.last !== true ? [one.output.result.content ?? ''] : []))
  return withoutSecrets(read.join('\n'))
    .split('\n')
    .map((line) => excerpt(line, longestLine))
    .filter((line) => line.trim() !== '')
}
