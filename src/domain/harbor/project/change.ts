import type { ReadFile } from './file.ts'
import type { Action, KindName, Step, Value } from './kind.ts'
import { isMap } from './value.ts'

/** A step as people are told of it. */
export interface Change {
  readonly action: Action
  /** Undefined for what belongs to no project. */
  readonly project: string | undefined
  readonly kind: KindName
  /** Empty where there is but one of its kind. */
  readonly name: string
  /** As text, without secrets; undefined for nothing. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** In the file. */
  readonly line: number
}

/** What of a kind says how its values are told. */
interface Teller {
  readonly secret?: readonly string[] | undefined
  readonly show?: ((value: Value) => string) | undefined
}

/** How a step of a kind is told; of a map only what differs. */
export function changeOf(
  teller: Teller & { readonly name: KindName },
  step: Step,
  { read, project }: { readonly read: Pick<ReadFile, 'lineOf'>; readonly project: string | undefined },
): Change {
  const { action, name, path } = step
  const { name: kind } = teller
  const section = path.length === 0 ? [kind] : path
  const line = read.lineOf(project === undefined ? section : ['projects', project, ...section])
  return { action, project, kind, name, ...told(teller, step), line }
}

/** Before and after of a step without its secrets; of an update only what differs. */
export function told(
  { secret = [], show = (value) => shown(value, secret) }: Teller,
  { action, before, after }: Step,
): Pick<Change, 'before' | 'after'> {
  const [old, fresh] = action === 'update' ? onlyDifferent(before, after) : [before, after]
  return { before: old === undefined ? undefined : show(old), after: fresh === undefined ? undefined : show(fresh) }
}

function onlyDifferent(before: Value | undefined, after: Value | undefined): readonly [Value | undefined, Value | undefined] {
  if (!isMap(before) || !isMap(after)) return [before, after]
  const names = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const part = (value: Readonly<Record<string, Value>>): Value =>
    Object.fromEntries(names.map((name) => [name, value[name] ?? null] as const))
  return [part(before), part(after)]
}

function shown(value: Value, secret: readonly string[]): string {
  if (Array.isArray(value)) return `[${value.map((item) => shown(item, secret)).join(', ')}]`
  if (!isMap(value)) return String(value)
  const parts = Object.entries(value).map(([name, part]) => {
    const isHidden = secret.includes(name) && part !== '' && part !== null
    return `${name}: ${isHidden ? '(secret)' : shown(part, secret)}`
  })
  return `{ ${parts.join(', ')} }`
}

/** `shop › metadata › severity` */
export function titleOf({ project, kind, name }: Pick<Change, 'project' | 'kind' | 'name'>): string {
  return [project, kind, name].filter((part) => part !== undefined && part !== '').join(' › ')
}
