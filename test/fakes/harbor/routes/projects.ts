import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import {
  badRequest,
  conflict,
  created,
  done,
  forbidden,
  internal,
  json,
  notFound,
  page,
  precondition,
  unauthorized,
  unprocessable,
} from '../answers.ts'
import { findProject, isAdmin, mayIn, requireLogin, requireProject, robotMay, roleIn, roleNames, type Who } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { addProject, type Project, type State, usedBy, yearOne } from '../state.ts'
import { matching, projectMetadata } from '../vocabulary.ts'

export const projectRoutes: Routes = {
  'POST /projects': createProject,
  'GET /projects': listProjects,
  'HEAD /projects': headProject,
  'GET /projects/:project': (call) => json(projectView(call.state, call.who, own(call, 'project:read'))),
  'PUT /projects/:project': updateProject,
  'DELETE /projects/:project': (call) => {
    const project = own(call, 'project:delete')
    const reason = whyKept(call.state, project)
    if (reason !== undefined) throw precondition(`precondition failed: ${reason}`)
    call.state.projects.splice(call.state.projects.indexOf(project), 1)
    return done()
  },
  'GET /projects/:project/_deletable': (call) => {
    const reason = whyKept(call.state, own(call, 'project:delete'))
    return json(reason === undefined ? { deletable: true } : { message: reason })
  },
  'GET /projects/:project/summary': summary,
  'GET /projects/:project/metadatas': (call) => json(Object.fromEntries(own(call, 'metadata:list').metadata)),
  'POST /projects/:project/metadatas': addMetadata,
  'GET /projects/:project/metadatas/:key': (call) => {
    const value = own(call, 'metadata:read').metadata.get(call.params['key'] ?? '')
    return json(value === undefined ? {} : { [call.params['key'] ?? '']: value })
  },
  'PUT /projects/:project/metadatas/:key': (call) => {
    setMetadata(own(call, 'metadata:update'), call.body('metadata'))
    return done()
  },
  'DELETE /projects/:project/metadatas/:key': (call) => {
    own(call, 'metadata:delete').metadata.delete(call.params['key'] ?? '')
    return done()
  },
}

export function own(call: Call, right: string): Project {
  return requireProject(call.state, call.who, { written: call.params['project'] ?? '', isName: call.isName, right })
}

export function projectView(state: State, who: Who, project: Project) {
  const { id, name, owner, created: at, updated, metadata, allowlist } = project
  const role = roleIn(project, who)
  const expires = allowlist.expires === undefined ? {} : { expires_at: allowlist.expires }
  const items = allowlist.items.map((cve_id) => ({ cve_id }))
  return {
    ...{
      creation_time: at,
      ...(role === undefined ? {} : { current_user_role_id: role }),
      current_user_role_ids: role === undefined ? null : [role],
    },
    cve_allowlist: { creation_time: yearOne, ...expires, id: allowlist.id, items, project_id: id, update_time: yearOne },
    ...{
      metadata: Object.fromEntries(metadata),
      name,
      owner_id: owner.id,
      ...('name' in owner ? { owner_name: owner.name } : {}),
      project_id: id,
    },
    ...(project.registry === undefined ? {} : { registry_id: project.registry }),
    ...{ repo_count: state.repositories.filter((one) => one.project === project).length, update_time: updated },
  }
}

function createProject(call: Call): Reply {
  const { state, who } = call
  const body = call.body('project')
  const metadata = readMetadata(body['metadata'])
  const { project_name: name = '', storage_limit: limit, registry_id: registry } = body
  if (typeof limit === 'string')
    throw unprocessable(
      'parsing project body from "" failed, because json: cannot unmarshal string into Go struct field ProjectReq.storage_limit of type int64',
    )
  requireCreator(state, who)
  const written = String(name)
  if (written.length > 255) throw unprocessable('validation failure list:\nproject_name in body should be at most 255 chars long')
  if (written === '') throw badRequest('Project name  is illegal in length. (greater than 255 or less than 1)')
  if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(written)) throw badRequest('project name is not in lower case or contains illegal characters')
  if (typeof limit === 'number' && limit < -1) throw badRequest(`bad request: invalid non-positive value for quota limit, value=${limit}`)
  if (findProject(state, written, true) !== undefined) throw conflict(`The project named ${written} already exists`)
  if (body['public'] === true && metadata['public'] === undefined) metadata['public'] = 'true'
  const owner = who.kind === 'user' ? who.user : who.kind === 'robot' ? who.robot : undefined
  if (owner === undefined) throw unauthorized()
  const hard = isAdmin(who) && typeof limit === 'number' && limit > 0 ? limit : -1
  const project = addProject(state, written, { owner, metadata, hard, ...(typeof registry === 'number' ? { registry } : {}) })
  return created(`/api/v2.0/projects/${call.headers['x-resource-name-in-location'] === 'true' ? project.name : project.id}`)
}

function requireCreator({ settings }: State, who: Who): void {
  requireLogin(who)
  if (who.kind === 'robot' && !robotMay(who.robot.permissions, { kind: 'system', namespace: '/' }, 'project:create'))
    throw forbidden('Only system level robot can create project')
  if (who.kind === 'user' && !who.user.admin && settings.get('project_creation_restriction') === 'adminonly')
    throw forbidden('Only system admin can create project')
}

const numeric = ['retention_id', 'proxy_speed_kb', 'max_upstream_conn']

/** Booleans come as strings; what is not known is dropped without a word, and an unknown severity kept as `unknown`. */
function readMetadata(value: unknown): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [name, given] of Object.entries(Object(value))) {
    if (typeof given !== 'string') {
      const type = typeof given === 'boolean' ? 'bool' : typeof given
      throw unprocessable(
        `parsing project body from "" failed, because json: cannot unmarshal ${type} into Go struct field ProjectMetadata.metadata.${name} of type string`,
      )
    }
    if (!projectMetadata.includes(name)) continue
    const isSeverity = name === 'severity'
    if (!isSeverity && !numeric.includes(name) && !['true', 'false'].includes(given))
      throw badRequest(`metadata.${name} should only be 'true' or 'false', but got: '${given}'`)
    metadata[name] = isSeverity && !['none', 'negligible', 'low', 'medium', 'high', 'critical'].includes(given) ? 'unknown' : given
  }
  return metadata
}

function setMetadata({ metadata }: Project, value: unknown): void {
  for (const [name, given] of Object.entries(readMetadata(value))) metadata.set(name, given)
}

function addMetadata(call: Call): Reply {
  const project = own(call, 'metadata:create')
  const body = call.body('metadata')
  for (const name of Object.keys(body)) {
    if (!projectMetadata.includes(name)) throw badRequest(`invalid key: ${name}`)
    if (project.metadata.has(name)) throw conflict(`metadata ${name} already exists for project ${project.id}`)
  }
  setMetadata(project, body)
  return done()
}

function updateProject(call: Call): Reply {
  const project = own(call, 'project:update')
  const { metadata, cve_allowlist: allowlist } = call.body('project')
  setMetadata(project, metadata)
  if (typeof allowlist === 'object' && allowlist !== null) setAllowlist(project, allowlist)
  return done()
}

function setAllowlist({ allowlist }: Project, value: object): void {
  const { items, expires_at: expires }: { items?: readonly { cve_id: string }[]; expires_at?: unknown } = value
  const ids = (items ?? []).map(({ cve_id: id }) => id)
  if (new Set(ids).size < ids.length || ids.includes('')) throw internal()
  allowlist.items = ids
  allowlist.expires = typeof expires === 'number' ? expires : undefined
}

function whyKept({ repositories }: State, project: Project): string | undefined {
  return repositories.some((one) => one.project === project) ? 'the project contains repositories, can not be deleted' : undefined
}

function summary(call: Call): Reply {
  const { state, who } = call
  const project = own(call, 'project:read')
  const count = (role: number): number => project.members.filter((one) => one.role === role).length
  const names = roleNames.slice(1).map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
  const members = names.flatMap((name, index) => (count(index + 1) === 0 ? [] : [[`${name}_count`, count(index + 1)]]))
  return json({
    ...(mayIn(project, who, 'member:list') ? Object.fromEntries(members) : {}),
    ...(mayIn(project, who, 'quota:read')
      ? { quota: { hard: { storage: project.quota.hard }, used: { storage: usedBy(state, project) } } }
      : {}),
    repo_count: state.repositories.filter((one) => one.project === project).length,
  })
}

function headProject({ state, who, query }: Call): Reply {
  requireLogin(who)
  const name = query.get('project_name')
  if (name === null) throw unprocessable('project_name in query is required')
  if (findProject(state, name, true) === undefined) throw notFound(`project ${name} not found`)
  return done()
}

function listProjects(call: Call): Reply {
  const { state, who, query } = call
  const isPublic = ({ metadata }: Project): boolean => metadata.get('public') === 'true'
  const seen = state.projects.filter((one) => isAdmin(who) || isPublic(one) || roleIn(one, who) !== undefined)
  const q = matching(query.get('q'))
  const [part, owner, open] = [query.get('name'), query.get('owner'), query.get('public')]
  const found = seen.filter(
    (one) =>
      (part === null || one.name.includes(part)) &&
      (owner === null || ('name' in one.owner && one.owner.name === owner)) &&
      (open === null || String(isPublic(one)) === open) &&
      q({ name: one.name, public: String(isPublic(one)) }),
  )
  const sorted = found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const detail = query.get('with_detail') !== 'false'
  return page(sorted, call, { shown: (one) => (detail ? projectView(state, who, one) : plainView(state, who, one)) })
}

function plainView(state: State, who: Who, project: Project) {
  const { metadata: _, owner_name: __, ...view } = projectView(state, who, project)
  return { ...view, cve_allowlist: { creation_time: yearOne, items: null, update_time: yearOne } }
}
