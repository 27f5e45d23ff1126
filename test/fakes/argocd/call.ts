import { denied, notFound } from './answers.ts'
import { forbidden, may, type Sessions, type Subject } from './sessions.ts'
import type { State } from './state.ts'
import type { Application } from './types.ts'

/** One call of the API, taken apart. */
export interface Call {
  readonly state: State
  readonly sessions: Sessions
  readonly who: Subject
  /** Parts of the path by their names. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** Ends when the client goes away. */
  readonly gone: AbortSignal
}

export type Handler = (call: Call) => unknown
/** `METHOD /path/:parameter`, below `/api/v1`, and what answers it. */
export type Routes = Readonly<Record<string, Handler>>

/**
 * The application that a call names, if its caller may do this to it. One that is not there and one that is forbidden look the same,
 * unless the call names the project too.
 */
export function applicationOf({ state, who, params, query, body }: Call, right: string): Application {
  const { name = '' } = params
  const project = query.get('project') ?? (typeof body['project'] === 'string' ? body['project'] : '')
  const app = state.applications.get(name)
  const mayAsk = (of: string): boolean => may(who, right, { project: of, app: name, projects: state.projects })
  if (app === undefined) throw project !== '' && mayAsk(project) ? notFound(name) : denied()
  if (!may(who, 'applications get', { project: app.spec.project, app: name, projects: state.projects })) throw denied()
  if (project !== '' && project !== app.spec.project) throw mayAsk(project) ? notFound(name) : denied()
  if (!mayAsk(app.spec.project)) throw forbidden(who, right, `${app.spec.project}/${name}`)
  return app
}

/** As the API shows it after a write: what lives is not looked at, so no resource has a health. */
export function withoutHealth(app: Application): Application {
  const copy = structuredClone(app)
  for (const resource of copy.status.resources ?? []) delete resource.health
  return copy
}
