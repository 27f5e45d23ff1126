import { allPages } from '../pages.ts'
import { projectPath } from '../paths.ts'
import type { Found, Kind, ProjectPlace, Step } from './kind.ts'
import { roles } from './schema-parts.ts'
import { wireMember } from './wire.ts'

/** Users of a project. Harbor changes and deletes a member that is gone without a word, so what counts is what is read back. */
export const membersKind: Kind = {
  name: 'members',
  startsEmpty: true,
  /** Whoever takes their own role away has no way back, nor has a project that loses its last administrator. */
  canRemove: (name, place, found) =>
    (place.account.kind !== 'user' || place.account.name !== name) && (!isAdministrator(found.get(name)) || namesAdministrator(place)),
  wanted: ({ members }) =>
    members === undefined ? undefined : Object.entries(members).map(([name, role]) => ({ name, value: role, path: ['members', name] })),
  read: (place) => readMembers(place, false),
  write: (place, [step]) => writeMember(place, step, { member_user: { username: step.name } }),
  exported: (found) => (found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, value]))),
}

const groupTypes = { ldap: 1, http: 2, oidc: 3 } as const

/** Groups of users. Harbor lists them by name and role only: their type is for the first time. */
export const groupsKind: Kind = {
  name: 'groups',
  startsEmpty: true,
  canRemove: (name, place, found) => !isAdministrator(found.get(name)) || namesAdministrator(place),
  wanted: ({ groups }) =>
    groups === undefined ? undefined : Object.entries(groups).map(([name, { role }]) => ({ name, value: role, path: ['groups', name] })),
  read: (place) => readMembers(place, true),
  write: (place, [step]) => writeMember(place, step, { member_group: groupBody(place, step.name) }),
  exported: () => undefined,
}

function isAdministrator(found: Found | undefined): boolean {
  return found?.value === 'project-admin'
}

/** Whether the file gives the project an administrator. */
function namesAdministrator({ file, name }: ProjectPlace): boolean {
  const { members = {}, groups = {} } = file.projects[name] ?? {}
  return [...Object.values(members), ...Object.values(groups).map(({ role }) => role)].includes('project-admin')
}

function groupBody({ file, name }: ProjectPlace, group: string): object {
  const { type = 'oidc', dn } = file.projects[name]?.groups?.[group] ?? {}
  return { group_name: group, group_type: groupTypes[type], ...(dn === undefined ? {} : { ldap_group_dn: dn }) }
}

async function readMembers({ harbor, name }: ProjectPlace, groups: boolean): Promise<ReadonlyMap<string, Found>> {
  const call = {
    method: 'GET',
    path: `${projectPath(name)}/members`,
    doing: `list the members of ${name}`,
    needs: '`member:list`',
  } as const
  const members = (await allPages(harbor, call, wireMember)).filter(({ isGroup }) => isGroup === groups)
  return new Map(members.map(({ id, name: member, role }) => [member, { id, value: roleOf(role ?? 0) }]))
}

function roleOf(id: number): string {
  return Object.entries(roles).find(([, one]) => one === id)?.[0] ?? `role ${id}`
}

async function writeMember({ harbor, name }: ProjectPlace, { action, name: member, after, found }: Step, who: object): Promise<void> {
  const role = Object.entries(roles).find(([word]) => word === after)?.[1]
  const path = `${projectPath(name)}/members`
  const one = `${path}/${found?.id ?? 0}`
  if (action === 'create')
    await harbor.send({
      method: 'POST',
      path,
      body: { role_id: role, ...who },
      doing: `add ${member} to ${name}`,
      needs: '`member:create`',
    })
  else if (action === 'update')
    await harbor.send({
      ...{ method: 'PUT', path: one, body: { role_id: role } },
      ...{ doing: `change the role of ${member} in ${name}`, needs: '`member:update`' },
    })
  else await harbor.send({ method: 'DELETE', path: one, doing: `remove ${member} from ${name}`, needs: '`member:delete`' })
}
