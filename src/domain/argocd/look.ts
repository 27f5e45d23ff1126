import type { Clock } from '../../spec/ports.ts'
import { type ApplicationId, type Choice, getApplication, listApplications } from './applications.ts'
import type { Argo } from './client.ts'
import type { Application } from './schema.ts'

/** So many looks at once are cheaper as one list. */
const worthList = 6
/** Milliseconds that a look waits for others; behind a list so many for each application in it, which the server read, sent and will again. */
const [gathering, pauseEach, longestPause] = [300, 10, 5000]

interface Waiting {
  readonly id: ApplicationId
  readonly resolve: (app: Application | Promise<Application>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Looks at applications that a list brings as well: those who look at the same time are answered by one list, whole, since a trimmed one
 * proves no revision. One that the list does not have is asked for by its name, which tells why.
 */
export function gatheredLook(argo: Argo, choice: Choice, { clock, timeout }: { readonly clock: Clock; readonly timeout: number }) {
  let waiting: Waiting[] = []
  let [isAnswering, notBefore] = [false, 0]
  return (id: ApplicationId): Promise<Application> =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject })
      if (!isAnswering) void answerAll()
    })

  async function answerAll(): Promise<void> {
    isAnswering = true
    while (waiting.length > 0) await answer()
    isAnswering = false
  }

  async function answer(): Promise<void> {
    let asked: Waiting[] = []
    try {
      // A clock that is set back must not make it wait until it has caught up.
      await clock.sleep(Math.min(Math.max(gathering, notBefore - clock.now()), longestPause))
      asked = waiting
      waiting = []
      const found = asked.length < worthList ? [] : await listApplications(argo, choice)
      notBefore = clock.now() + Math.min(found.length * pauseEach, longestPause)
      for (const { id, resolve } of asked) resolve(found.find((app) => isIt(app, id)) ?? getApplication(argo, id, { timeout }))
    } catch (error) {
      // An abort while gathering is everybody's.
      const all = asked.length > 0 ? asked : waiting.splice(0)
      for (const { reject } of all) reject(error)
    }
  }
}

function isIt(app: Application, { name, namespace }: ApplicationId): boolean {
  return app.name === name && (namespace === undefined || app.namespace === namespace)
}
