import type { Clock } from '../../spec/ports.ts'
import { type ApplicationId, type Choice, getApplication, listApplications } from './applications.ts'
import type { Argo } from './client.ts'
import type { Application } from './schema.ts'

/** So many looks at once are cheaper as one list. */
const worthList = 6
/** Milliseconds that a look waits for others. */
const gathering = 300

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
  return (id: ApplicationId): Promise<Application> =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject })
      if (waiting.length === 1) void answer()
    })

  async function answer(): Promise<void> {
    let asked: Waiting[] = []
    try {
      await clock.sleep(gathering)
      asked = waiting
      waiting = []
      const found = asked.length < worthList ? [] : await listApplications(argo, choice)
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
