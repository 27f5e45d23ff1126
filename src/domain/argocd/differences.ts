import * as v from 'valibot'
import type { ManagedResource } from './inspect-schema.ts'

/** What a sync would change in a resource. */
export interface Difference {
  /** `Deployment web/app` */
  readonly resource: string
  readonly change: 'create' | 'change' | 'prune'
  /** `spec.replicas: 1 → 2`; of a Secret Argo CD stars the values out. */
  readonly fields: readonly string[]
}

const [mostFields, longestValue] = [50, 200]
const manifest = v.pipe(v.string(), v.parseJson())

/** What a sync to what Argo CD sees in git would change, as Argo CD itself predicts it. Resources that are the same are left out. */
export function differencesOf(resources: readonly ManagedResource[]): readonly Difference[] {
  return resources.flatMap(({ kind, namespace, name, targetState, normalizedLiveState, predictedLiveState, liveState }): Difference[] => {
    const resource = `${kind} ${namespace ? `${namespace}/` : ''}${name}`
    if (targetState === '') return [{ resource, change: 'prune', fields: [] }]
    if (liveState === '') return [{ resource, change: 'create', fields: [] }]
    const [before, after] = [leavesOf(normalizedLiveState), leavesOf(predictedLiveState)]
    const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
    if (paths.length === 0) return []
    const more = paths.length > mostFields ? [`and ${paths.length - mostFields} more`] : []
    const shown = paths.slice(0, mostFields).map((path) => `${path}: ${shownValue(before.get(path))} → ${shownValue(after.get(path))}`)
    return [{ resource, change: 'change', fields: [...shown, ...more] }]
  })
}

/** Each value that is no map and no list, by its path. */
function leavesOf(text: string): ReadonlyMap<string, string> {
  const parsed = v.safeParse(manifest, text)
  const leaves = new Map<string, string>()
  const open: [string, unknown][] = parsed.success ? [['', parsed.output]] : []
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, value] = next
    const entries = typeof value === 'object' && value !== null ? Object.entries(value).reverse() : []
    if (entries.length === 0) leaves.set(path, JSON.stringify(value))
    for (const [key, one] of entries) open.push([path === '' ? key : `${path}.${key}`, one])
  }
  return leaves
}

function shownValue(text: string | undefined): string {
  if (text === undefined) return 'none'
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`
}
