import * as v from 'valibot'
import { harborTime } from '../schema.ts'

const text = v.pipe(v.string(), v.maxLength(4096))
const id = v.pipe(v.number(), v.integer())

const scope = v.pipe(
  v.object({
    kind: v.picklist(['project', 'system']),
    namespace: text,
    access: v.nullish(v.pipe(v.array(v.object({ resource: text, action: text })), v.maxLength(1000)), []),
  }),
  v.transform(({ kind, namespace, access }): RobotScope => {
    return { kind, namespace, rights: (access ?? []).map(({ resource, action }) => `${resource}:${action}`) }
  }),
)

/** What a robot may do in one place. */
export interface RobotScope {
  readonly kind: 'project' | 'system'
  /** A project’s name, `*` for every project, `/` for the system. */
  readonly namespace: string
  /** `repository:push` */
  readonly rights: readonly string[]
}

/** Scopes in one order: two robots that may do the same compare equal as JSON. */
export function inOrder(scopes: readonly RobotScope[]): readonly RobotScope[] {
  const keyed = scopes.map(({ kind, namespace, rights }) => ({ kind, namespace, rights: [...new Set(rights)].toSorted() }))
  return keyed.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

export const robot = v.pipe(
  v.object({
    ...{ id, name: text, level: v.picklist(['project', 'system']), description: v.nullish(text, '') },
    ...{ disable: v.nullish(v.boolean(), false), duration: v.nullish(v.number(), -1), editable: v.nullish(v.boolean(), true) },
    ...{ creation_time: harborTime, expires_at: harborTime, permissions: v.nullish(v.pipe(v.array(scope), v.maxLength(1000)), []) },
  }),
  v.transform(({ disable, duration, creation_time, expires_at, permissions, description, editable, ...rest }) => ({
    ...rest,
    description: description ?? '',
    isDisabled: disable ?? false,
    /** A robot of Harbor 1 cannot be changed. */
    isEditable: editable ?? true,
    /** Days from its creation; -1 for ever. */
    duration: duration ?? -1,
    created: creation_time,
    /** Milliseconds since 1970; undefined for never. */
    expires: expires_at,
    scopes: inOrder(permissions ?? []),
  })),
)

function keyOf({ kind, namespace }: RobotScope): string {
  return `${kind} ${namespace}`
}

export const robotMade = v.object({ id, name: text, secret: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)), expires_at: harborTime })
export type HarborRobot = v.InferOutput<typeof robot>
