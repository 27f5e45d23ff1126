import { forbidden, notFound, unauthorized } from './answers.ts'
import type { Permission, Project, Robot, State, User } from './state.ts'

/** Who asks: nobody, a user, a robot, or the bearer of a registry token. */
export type Who =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'robot'; readonly robot: Robot; readonly name: string }

export const roleNames = ['', 'projectAdmin', 'developer', 'guest', 'maintainer', 'limitedGuest'] as const

const limitedGuest = [
  ...['project:read', 'quota:read', 'repository:list', 'repository:read', 'repository:pull', 'artifact:read', 'artifact:list'],
  ...['artifact-addition:read', 'tag:list', 'accessory:list', 'scanner:read', 'scan:read', 'label:read'],
]
const guest = [...limitedGuest, 'label:list', 'member:list', 'member:read', 'robot:list', 'robot:read']
const developer = [
  ...guest,
  'repository:push',
  'repository:update',
  'artifact:create',
  'tag:create',
  'artifact-label:create',
  'artifact-label:delete',
]
const maintainer = [
  ...[
    ...developer,
    'repository:delete',
    'artifact:delete',
    'tag:delete',
    'scan:create',
    'scan:stop',
    'sbom:create',
    'sbom:stop',
    'sbom:read',
  ],
  ...[
    'label:create',
    'label:update',
    'label:delete',
    'immutable-tag:list',
    'immutable-tag:create',
    'immutable-tag:update',
    'immutable-tag:delete',
  ],
  ...['notification-policy:list', 'notification-policy:read', 'notification-policy:create', 'tag-retention:read', 'tag-retention:create'],
]
/** By role id; a project's administrator may do everything in it. */
const roles: Readonly<Record<number, readonly string[] | 'all'>> = { 1: 'all', 2: developer, 3: guest, 4: maintainer, 5: limitedGuest }
const publicRights = limitedGuest

export function nameOf(who: Who): string {
  return who.kind === 'user' ? who.user.name : who.kind === 'robot' ? who.name : ''
}

export function isAdmin(who: Who): boolean {
  return who.kind === 'user' && who.user.admin
}

export function roleIn(project: Project, who: Who): number | undefined {
  if (who.kind !== 'user') return undefined
  if (who.user.admin) return 1
  return project.members.find(({ user }) => user === who.user)?.role
}

/** Whether somebody may do `resource:action` in a project. */
export function mayIn(project: Project, who: Who, right: string): boolean {
  if (project.metadata.get('public') === 'true' && publicRights.includes(right)) return true
  if (who.kind === 'robot') return robotMay(who.robot.permissions, { kind: 'project', namespace: project.name }, right)
  const granted = roles[roleIn(project, who) ?? 0] ?? []
  return granted === 'all' || granted.includes(right)
}

/** Push is more than pull, here as in Harbor. */
export function robotMay(
  permissions: readonly Permission[],
  { kind, namespace }: { kind: string; namespace: string },
  right: string,
): boolean {
  const own = permissions.filter((one) => one.kind === kind && (one.namespace === namespace || one.namespace === '*'))
  const rights = own.flatMap(({ access }) => access.map(({ resource, action }) => `${resource}:${action}`))
  return rights.includes(right) || (right === 'repository:pull' && rights.includes('repository:push'))
}

/** Refuses whoever is no administrator of the system, by name. A robot may with a right of its own. */
export function requireAdmin(who: Who, right?: string): void {
  if (who.kind === 'anonymous') throw unauthorized()
  if (isAdmin(who)) return
  if (who.kind === 'robot' && right !== undefined && robotMay(who.robot.permissions, { kind: 'system', namespace: '/' }, right)) return
  throw forbidden(nameOf(who))
}

export function requireLogin(who: Who): void {
  if (who.kind === 'anonymous') throw unauthorized()
}

/** A project by name, or by id when it is all digits and nobody says that it is a name. */
export function findProject({ projects }: State, written: string, isName = false): Project | undefined {
  return projects.find(({ id, name }) => (!isName && /^\d+$/.test(written) ? String(id) === written : name === written))
}

/** The project, if the caller may; an unknown one is told to administrators only. */
export function requireProject(
  state: State,
  who: Who,
  { written, isName, right }: { written: string; isName?: boolean; right: string },
): Project {
  const project = findProject(state, written, isName)
  if (project !== undefined && mayIn(project, who, right)) return project
  if (who.kind === 'anonymous') throw unauthorized()
  if (project === undefined && isAdmin(who)) throw notFound(`project ${written} not found`)
  throw forbidden()
}
