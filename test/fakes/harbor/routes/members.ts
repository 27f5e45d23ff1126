import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, created, done, internal, json, notFound, page } from '../answers.ts'
import { roleNames } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { type Member, nextId, type Project } from '../state.ts'
import { own } from './projects.ts'

/** Who belongs to a project. A member that is gone is deleted again, and changed, without a word. */
export const memberRoutes: Routes = {
  'GET /projects/:project/members': (call) => {
    const project = own(call, 'member:list')
    const part = call.query.get('entityname')
    const shown = project.members.filter(({ user }) => part === null || user.name === part)
    return page(shown, call, { shown: (one) => view(project, one), total: project.members.length })
  },
  'POST /projects/:project/members': add,
  'GET /projects/:project/members/:member': (call) => {
    const project = own(call, 'member:read')
    const member = find(project, call)
    if (member === undefined) throw notFound(`project member ${call.params['member']} not found`)
    return json(view(project, member))
  },
  'PUT /projects/:project/members/:member': (call) => {
    const member = find(own(call, 'member:update'), call)
    if (member !== undefined) member.role = Number(call.body('role')['role_id'])
    return done()
  },
  'DELETE /projects/:project/members/:member': (call) => {
    const project = own(call, 'member:delete')
    const member = find(project, call)
    if (member !== undefined) project.members.splice(project.members.indexOf(member), 1)
    return done()
  },
}

function view({ id: project }: Project, { id, user, role, isGroup = false }: Member) {
  return {
    entity_id: user.id,
    entity_name: user.name,
    entity_type: isGroup ? 'g' : 'u',
    id,
    project_id: project,
    role_id: role,
    role_name: roleNames[role],
  }
}

function find({ members }: Project, { params }: Call): Member | undefined {
  return members.find(({ id }) => String(id) === params['member'])
}

function add(call: Call): Reply {
  const project = own(call, 'member:create')
  const { role_id: role, member_user: user, member_group: group } = call.body('projectMember')
  if (typeof role !== 'number' || roleNames[role] === undefined || role < 1)
    throw badRequest('Failed to update project member, role is not in 1,2,3')
  if (group !== undefined) return addGroup(call, project, { role, group: Object(group) })
  if (user === undefined) throw internal()
  const name = String(Object(user).username)
  const known = call.state.users.find((one) => one.name === name)
  if (known === undefined) throw notFound(`user ${name} is not found`)
  if (project.members.some((one) => one.user === known)) throw conflict('The project member specified already exist')
  const id = nextId(call.state, 'member')
  project.members.push({ id, user: known, role })
  return created(`${call.path}/${id}`)
}

/** Of OIDC any group is made as it is named; without it Harbor knows none. */
function addGroup(
  { state, path }: Call,
  { members }: Project,
  { role, group: { group_name: name, group_type: type } }: { role: number; group: Record<string, unknown> },
): Reply {
  if (state.settings.get('auth_mode') !== 'oidc_auth' || type !== 3) throw notFound(`${name} not found: not supported`)
  if (members.some(({ user, isGroup }) => isGroup === true && user.name === name))
    throw conflict('The project member specified already exist')
  const user = { id: nextId(state, 'group'), name: String(name), password: '', admin: false, created: '' }
  const id = nextId(state, 'member')
  members.push({ id, user, role, isGroup: true })
  return created(`${path}/${id}`)
}
