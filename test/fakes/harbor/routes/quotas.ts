import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, done, json, notFound, page } from '../answers.ts'
import { requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { type Project, type State, usedBy } from '../state.ts'

/** What projects may take and take; for administrators only. */
export const quotaRoutes: Routes = {
  'GET /quotas': (call) => {
    requireAdmin(call.who)
    const { state, query } = call
    const reference = query.get('reference_id')
    const found = state.projects.filter(({ id }) => reference === null || String(id) === reference).toReversed()
    if (query.get('sort') === '-used.storage') found.sort((a, b) => usedBy(state, b) - usedBy(state, a))
    return page(found, call, { shown: (one) => view(state, one, one.created) })
  },
  'GET /quotas/:quota': (call) => {
    const project = find(call)
    return json(view(call.state, project, project.quota.updated))
  },
  'PUT /quotas/:quota': change,
}

function view(state: State, project: Project, updated: string) {
  const { id, name, created, quota } = project
  const ref = { id, name, owner_name: '' }
  return {
    creation_time: created,
    hard: { storage: quota.hard },
    id: quota.id,
    ref,
    update_time: updated,
    used: { storage: usedBy(state, project) },
  }
}

function find({ state, who, params }: Call): Project {
  requireAdmin(who)
  const project = state.projects.find(({ quota }) => String(quota.id) === params['quota'])
  if (project === undefined) throw notFound(`quota ${params['quota']} not found`)
  return project
}

function change(call: Call): Reply {
  const { quota } = find(call)
  const hard = call.body('hard')['hard']
  if (hard === undefined) throw badRequest('hard required in body')
  for (const [name, value] of Object.entries(Object(hard))) {
    if (name !== 'storage') throw badRequest(`resource ${name} not support`)
    if (typeof value !== 'number' || (value < 1 && value !== -1))
      throw badRequest(`invalid non-positive value for quota limit, value=${value}`)
    quota.hard = value
  }
  return done()
}
