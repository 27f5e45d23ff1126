import * as v from 'valibot'
import { excerpt } from '../../base/untrusted.ts'
import { strangeAnswer } from './answer.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import { argocdDenied } from './errors.ts'
import { callOf } from './inspect.ts'
import { logEntry } from './inspect-schema.ts'
import { saidIn } from './refusals.ts'
import { withoutSecrets } from './secret-shapes.ts'
import type { ArgoServer } from './server.ts'

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

/** Of gRPC. */
const permissionDenied = 7
const [longestLine, mostBytes, timeout] = [500, 1024 * 1024, 10_000]
const entry = v.pipe(v.string(), v.parseJson(), logEntry)

/**
 * The last lines of a container’s log, without what looks like a secret. They are the text of a program that nobody has checked: for
 * `log.untrusted` and summaries only. Throws SW-ARGOCD-NOT-FOUND, SW-ARGOCD-ANSWER, those of HTTP.
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
    return readIn(text, lines, argo.server)
  } catch (error) {
    if (argocdDenied.is(error)) return { result: 'denied' }
    throw error
  }
}

/** What is refused when the stream has begun stands in it, behind a status of 200. */
function readIn(text: string, most: number, server: ArgoServer): ReadLog {
  const parts = text.split('\n').filter((line) => line.trim() !== '')
  const entries = parts.flatMap((line) => {
    const { success, output } = v.safeParse(entry, line)
    return success ? [output.result] : []
  })
  const other = entries.length > 0 ? undefined : parts[0]
  if (other !== undefined) {
    const said = saidIn(other)
    if (said.code === permissionDenied) return { result: 'denied' }
    throw strangeAnswer({ status: 200, text: other, header: () => undefined }, { server, what: `is no log: ${said.message}` })
  }
  return { result: 'read', lines: linesOf(entries.map(({ content, last }) => (last === true ? '' : (content ?? '')))).slice(-most) }
}

function linesOf(contents: readonly string[]): string[] {
  return withoutSecrets(contents.join('\n'))
    .split('\n')
    .map((line) => excerpt(line, longestLine))
    .filter((line) => line.trim() !== '')
}
