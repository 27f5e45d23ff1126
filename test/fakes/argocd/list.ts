import { Refused } from './answers.ts'
import type { Call } from './call.ts'
import { may } from './sessions.ts'
import type { Application } from './types.ts'

/** Applications that a list or a stream is about, of those that its caller may see. */
export function selected({ state, who, query }: Call): readonly Application[] {
  const matches = matcher(query)
  return [...state.applications.values()]
    .filter(
      (app) =>
        matches(app) && may(who, 'applications get', { project: app.spec.project, app: app.metadata.name, projects: state.projects }),
    )
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** By name, project and labels, as the query says. */
export function matcher(query: URLSearchParams): (app: Application) => boolean {
  const [name, projects] = [query.get('name'), [...query.getAll('projects'), ...query.getAll('project')].filter(Boolean)]
  const wanted = parsed(query.get('selector') ?? '')
  return ({ metadata, spec }) =>
    (name === null || name === '' || metadata.name === name) &&
    (projects.length === 0 || projects.includes(spec.project)) &&
    wanted.every((fits) => fits(metadata.labels ?? {}))
}

type Fits = (labels: Readonly<Record<string, string>>) => boolean

/** Equality, inequality, `in`, `notin`, and whether a label is there. */
function parsed(selector: string): readonly Fits[] {
  if (selector === '') return []
  return selector.split(/,(?![^(]*\))/).map((text): Fits => {
    const set = /^\s*([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(text)
    if (set !== null) {
      const values = (set[3] ?? '').split(',').map((one) => one.trim())
      return (labels) => values.includes(labels[set[1] ?? ''] ?? '') === (set[2] === 'in')
    }
    const [, not, key = '', operator, value = ''] = /^\s*(!?)([\w./-]+)\s*(?:(==?|!=)\s*([\w.-]*))?\s*$/.exec(text) ?? []
    if (key === '')
      throw new Refused(500, 2, `error parsing the selector: found '${text.slice(0, 2)}', expected: !, identifier, or 'end of string'`)
    if (operator === undefined) return (labels) => Object.hasOwn(labels, key) === (not === '')
    return (labels) => (labels[key] === value) === (operator !== '!=')
  })
}

/** What can be asked for one by one; everything else that is named is left out, as Argo CD does. */
const selectable: Readonly<Record<string, (app: Application) => unknown>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace,
  'metadata.annotations': ({ metadata }) => metadata.annotations ?? null,
  'metadata.labels': ({ metadata }) => metadata.labels ?? null,
  'metadata.creationTimestamp': ({ metadata }) => metadata.creationTimestamp,
  'metadata.deletionTimestamp': ({ metadata }) => metadata.deletionTimestamp ?? null,
  spec: ({ spec }) => spec,
  'status.sourceHydrator': ({ status }) => status.sourceHydrator,
  'status.sync.status': ({ status }) => status.sync.status,
  'status.health': ({ status }) => status.health,
  'status.summary': ({ status }) => status.summary,
  'status.operationState.startedAt': ({ status }) => status.operationState?.startedAt,
  'status.operationState.finishedAt': ({ status }) =>
    status.operationState === undefined ? undefined : (status.operationState.finishedAt ?? null),
  'status.resources': ({ status }) => status.resources,
  'operation.sync': ({ operation }) => operation?.sync,
  'status.operationState.phase': ({ status }) => status.operationState?.phase,
  'status.operationState.operation.sync': ({ status }) =>
    status.operationState === undefined ? undefined : (status.operationState.syncResult ?? null),
}

/** A list as the API writes it: whole, or of some fields only, or without some (`-`). */
export function listed(apps: readonly Application[], fields: string): object {
  const metadata = {}
  if (fields === '') return { metadata, items: apps.length === 0 ? null : apps }
  const isWithout = fields.startsWith('-')
  const named = new Set(fields.replace(/^-/, '').split(','))
  const paths = Object.keys(selectable).filter((path) => named.has(`items.${path}`) !== isWithout)
  return { items: apps.length === 0 ? null : apps.map((app) => only(app, paths)), metadata }
}

function only(app: Application, paths: readonly string[]): object {
  const whole: Record<string, unknown> = {}
  for (const path of paths) {
    const value = selectable[path]?.(app)
    if (value === undefined) continue
    const parts = path.split('.')
    const last = parts.pop() ?? ''
    let at = whole
    for (const part of parts) at = at[part] = Object(at[part] ?? {})
    at[last] = value
  }
  return whole
}
