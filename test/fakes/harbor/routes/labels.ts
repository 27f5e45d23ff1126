import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, created, done, forbidden, json, notFound, page, unauthorized } from '../answers.ts'
import { findProject, isAdmin, mayIn, requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { type Label, nextId, timeOf } from '../state.ts'
import { requireArtifact } from './artifacts.ts'

/** Labels, global and of projects, and those on artifacts. */
export const labelRoutes: Routes = {
  'POST /labels': create,
  'GET /labels': list,
  'GET /labels/:label': (call) => json(labelView(find(call, 'label:read'))),
  'PUT /labels/:label': (call) => {
    const label = find(call, 'label:update')
    const { name, description, color } = call.body('label')
    label.name = String(name)
    label.description = typeof description === 'string' ? description : undefined
    label.color = typeof color === 'string' ? color : undefined
    label.updated = timeOf(call.state)
    return done()
  },
  'DELETE /labels/:label': (call) => {
    call.state.labels.splice(call.state.labels.indexOf(find(call, 'label:delete')), 1)
    return done()
  },
  'POST /projects/:project/repositories/:repository/artifacts/:reference/labels': (call) => {
    const { artifact } = requireArtifact(call, 'artifact-label:create')
    const id = Number(call.body('label')['id'] ?? 0)
    if (!call.state.labels.some((label) => label.id === id)) throw notFound(`label ${id} not found`)
    if (artifact.labels.includes(id)) throw conflict(`label ${id} is already added to the artifact ${artifact.id}`)
    artifact.labels.push(id)
    return done()
  },
  'DELETE /projects/:project/repositories/:repository/artifacts/:reference/labels/:label': (call) => {
    const { artifact } = requireArtifact(call, 'artifact-label:delete')
    const id = Number(call.params['label'])
    if (!artifact.labels.includes(id)) throw notFound(`reference with label ${id} and artifact ${artifact.id} not found`)
    artifact.labels.splice(artifact.labels.indexOf(id), 1)
    return done()
  },
}

export function labelView({ id, name, description, color, scope, project, created: at, updated }: Label) {
  return {
    ...{
      ...(color === undefined ? {} : { color }),
      creation_time: at,
      ...(description === undefined ? {} : { description }),
      id,
      ...(name === '' ? {} : { name }),
    },
    ...{ ...(project === undefined ? {} : { project_id: project }), scope, update_time: updated },
  }
}

function find(call: Call, right: string): Label {
  const { state, who, params } = call
  if (who.kind === 'anonymous') throw unauthorized()
  const label = state.labels.find(({ id }) => String(id) === params['label'])
  if (label === undefined) throw notFound(`label ${params['label']} not found`)
  if (label.scope === 'p') requireRight(call, label.project, right)
  else if (right !== 'label:read') requireAdmin(who)
  return label
}

/** A project that is not there and an empty name are taken as they are. */
function create(call: Call): Reply {
  const { state, who } = call
  const { name, description, color, scope, project_id: written } = call.body('label')
  if (scope !== 'g' && scope !== 'p') throw badRequest('unsupported label scope')
  const project = typeof written === 'number' ? written : undefined
  if (scope === 'g') requireAdmin(who)
  else requireRight(call, project, 'label:create')
  if (state.labels.some((label) => label.name === name && label.scope === scope && label.project === project))
    throw conflict(`label ${name} already exists`)
  const texts = {
    name: String(name),
    description: typeof description === 'string' ? description : undefined,
    color: typeof color === 'string' ? color : undefined,
  }
  const label = { id: nextId(state, 'label'), ...texts, scope, project, created: timeOf(state), updated: timeOf(state) }
  state.labels.push(label)
  return created(`/api/v2.0/labels/${label.id}`)
}

function requireRight({ state, who }: Call, id: number | undefined, right: string): void {
  if (who.kind === 'anonymous') throw unauthorized()
  const project = findProject(state, String(id))
  if (!isAdmin(who) && (project === undefined || !mayIn(project, who, right))) throw forbidden()
}

function list(call: Call): Reply {
  const { state, query } = call
  const [scope, project] = [query.get('scope') ?? '', query.get('project_id')]
  if (scope !== 'g' && scope !== 'p') throw badRequest(`invalid scope: ${scope}`)
  if (scope === 'p' && project === null) throw badRequest('must with project ID when to query project labels')
  if (scope === 'p') requireRight(call, Number(project), 'label:list')
  return page(
    state.labels.filter((one) => one.scope === scope && (scope === 'g' || String(one.project) === project)),
    call,
    { shown: labelView },
  )
}
