import {
  badRequest,
  conflict,
  created,
  done,
  forbidden,
  json,
  notFound,
  page,
  precondition,
  text,
  unauthorized,
  unprocessable,
} from '../answers.ts'
import { isAdmin, requireAdmin, requireLogin, roleIn } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { addUser, type Project, type State, type User } from '../state.ts'
import { limitedSettings, permissionCatalogue, strongSecret } from '../vocabulary.ts'
import { projectView } from './projects.ts'

/** Health, versions, users, settings and what else is of no project. */
export const systemRoutes: Routes = {
  'GET /ping': () => text('Pong'),
  'GET /health': () =>
    json({
      components: ['core', 'database', 'jobservice', 'portal', 'redis', 'registry', 'registryctl'].map((name) => ({
        name,
        status: 'healthy',
      })),
      status: 'healthy',
    }),
  'GET /systeminfo': systemInfo,
  'GET /systeminfo/volumes': ({ who }) => {
    requireAdmin(who)
    return json({ storage: [{}] })
  },
  'GET /systeminfo/getcert': () => {
    throw notFound('resource not found: cert not found in path: /etc/core/ca/ca.crt')
  },
  'GET /statistics': statistics,
  'GET /users/current': ({ who }) => {
    if (who.kind === 'anonymous') throw unauthorized()
    if (who.kind === 'robot') throw precondition('get current user not available for security context: robot')
    return json(userView(who.user))
  },
  'GET /users/current/permissions': ({ who }) => {
    requireLogin(who)
    return json([{ action: 'read', resource: '.' }])
  },
  'GET /users': (call) => {
    requireAdmin(call.who)
    return page(
      call.state.users.filter(({ admin }) => !admin),
      call,
      { shown: userView },
    )
  },
  'GET /users/search': (call) => {
    requireLogin(call.who)
    const part = call.query.get('username') ?? ''
    return page(
      call.state.users.filter(({ name }) => name.includes(part)),
      call,
      { shown: ({ id, name }) => ({ user_id: id, username: name }) },
    )
  },
  'POST /users': createUser,
  'DELETE /users/:user': ({ state, who, params }) => {
    requireAdmin(who)
    const user = state.users.find(({ id }) => String(id) === params['user'])
    if (user === undefined) throw notFound(`user with ID ${params['user']} not found`)
    state.users.splice(state.users.indexOf(user), 1)
    return done()
  },
  'GET /permissions': ({ who }) => {
    requireLogin(who)
    if (!isAdmin(who)) throw forbidden('forbidden: only admins(system and project) can access permissions')
    return json(permissionCatalogue)
  },
  'GET /search': search,
  'GET /configurations': ({ who, state }) => {
    requireAdmin(who)
    const shown = Object.entries(limitedSettings).map(([name, value]) => [
      name,
      { editable: name !== 'auth_mode', value: state.settings.get(name) ?? value },
    ])
    return json({ ...Object.fromEntries(shown), scan_all_policy: {} })
  },
  'PUT /configurations': configure,
  'GET /system/CVEAllowlist': ({ who, state: { allowlist, users } }) => {
    requireLogin(who)
    const at = users[0]?.created
    const expires = allowlist.expires === undefined ? {} : { expires_at: allowlist.expires }
    return json({ creation_time: at, ...expires, id: allowlist.id, items: allowlist.items.map((cve_id) => ({ cve_id })), update_time: at })
  },
  'PUT /system/CVEAllowlist': (call) => {
    requireAdmin(call.who)
    const { items, expires_at: expires } = call.body('allowlist')
    call.state.allowlist.items = Array.isArray(items) ? items.map((item) => String(Object(item).cve_id)) : []
    call.state.allowlist.expires = typeof expires === 'number' ? expires : undefined
    return done()
  },
}

/** A wrong password is no error here: it is served as nobody. */
function systemInfo({ state, who, headers }: Call) {
  const open = { auth_mode: 'db_auth', banner_message: '', oidc_provider_name: '', primary_auth_mode: false, self_registration: false }
  if (who.kind === 'anonymous') return json(open)
  const host = headers.host ?? ''
  return json({
    ...{ ...open, current_time: new Date(state.now()).toISOString(), external_url: `http://${host}`, harbor_version: state.version },
    ...{
      has_ca_root: false,
      notification_enable: true,
      project_creation_restriction: state.settings.get('project_creation_restriction') ?? 'everyone',
    },
    ...{ read_only: state.settings.get('read_only') === true, registry_storage_provider_name: 'filesystem', registry_url: host },
  })
}

function statistics({ who, state }: Call) {
  requireLogin(who)
  const isPublic = ({ metadata }: Project): boolean => metadata.get('public') === 'true'
  const seen = state.projects.filter((one) => isPublic(one) || isAdmin(who) || roleIn(one, who) !== undefined)
  const [open, closed] = [seen.filter(isPublic), seen.filter((one) => !isPublic(one))]
  const count = (projects: readonly Project[]): number => state.repositories.filter(({ project }) => projects.includes(project)).length
  const all = isAdmin(who)
    ? { total_project_count: state.projects.length, total_repo_count: state.repositories.length }
    : { total_project_count: 0, total_repo_count: 0 }
  const counts = {
    private_project_count: closed.length,
    private_repo_count: count(closed),
    public_project_count: open.length,
    public_repo_count: count(open),
  }
  return json({ ...counts, ...all, total_storage_consumption: 0 })
}

function userView({ id, name, admin, created: at }: User) {
  const who = admin ? { comment: 'admin user', realname: 'system admin' } : { email: `${name}@example.test`, realname: name }
  return { admin_role_in_auth: false, creation_time: at, ...who, sysadmin_flag: admin, update_time: at, user_id: id, username: name }
}

function createUser(call: Call) {
  requireAdmin(call.who)
  const { username, password, email } = call.body('userReq')
  if (!strongSecret(password)) {
    throw badRequest(
      'the password or secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number',
    )
  }
  if (call.state.users.some(({ name }) => name === username)) throw conflict(`user ${username} or email ${email} already exists`)
  const { id } = addUser(call.state, String(username), { password: String(password) })
  return created(`${call.path}/${id}`)
}

function search({ state, who, query }: Call) {
  const part = query.get('q') ?? ''
  const seen = (project: Project): boolean =>
    project.metadata.get('public') === 'true' || isAdmin(who) || roleIn(project, who) !== undefined
  const project = state.projects.filter((one) => seen(one) && one.name.includes(part)).map((one) => searched(state, who, one))
  const repositories = state.repositories.filter((one) => seen(one.project) && one.name.includes(part))
  const repository = repositories.map((one) => ({
    ...{ artifact_count: one.artifacts.size, project_id: one.project.id, project_name: one.project.name },
    ...{ project_public: one.project.metadata.get('public') === 'true', repository_name: one.name },
  }))
  return json({ project, repository })
}

function searched(state: State, who: Call['who'], project: Project) {
  const { owner_name: _, ...view } = projectView(state, who, project)
  const none = '0001-01-01T00:00:00.000Z'
  return { ...view, cve_allowlist: { creation_time: none, items: null, update_time: none } }
}

function configure(call: Call) {
  requireAdmin(call.who)
  const body = call.body('configurations')
  for (const [name, value] of Object.entries(body)) {
    if (name === 'auth_mode') throw badRequest('the auth mode cannot be modified as new users have been inserted into database')
    if (name === 'robot_token_duration' && typeof value !== 'number') {
      throw unprocessable(
        'parsing configurations body from "" failed, because json: cannot unmarshal string into Go struct field Configurations.robot_token_duration of type int64',
      )
    }
    call.state.settings.set(name, value)
  }
  return done()
}
