import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, created, done, notFound, page } from '../answers.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type Project, type Rule } from '../state.ts'
import { own } from './projects.ts'

/** Rules that hold tags. Any body makes one, also one that holds nothing. */
export const immutableRoutes: Routes = {
  'GET /projects/:project/immutabletagrules': (call) => page(own(call, 'immutable-tag:list').immutable, call, { shown: view }),
  'POST /projects/:project/immutabletagrules': create,
  'PUT /projects/:project/immutabletagrules/:rule': (call) => {
    const project = own(call, 'immutable-tag:update')
    const body = call.body('immutableRule')
    if (String(body['id']) !== call.params['rule'])
      throw badRequest("bad request: the immutable_rule_id doesn't match the id in the payload body of ImmutableRule")
    find(project, call).body = body
    return done()
  },
  'DELETE /projects/:project/immutabletagrules/:rule': (call) => {
    const project = own(call, 'immutable-tag:delete')
    project.immutable.splice(project.immutable.indexOf(find(project, call)), 1)
    return done()
  },
}

function find({ immutable }: Project, { params }: Call): Rule {
  const rule = immutable.find(({ id }) => String(id) === params['rule'])
  if (rule === undefined) throw notFound(`immutable rule ${params['rule']} not found`)
  return rule
}

function view({ id, body: { disabled, id: _, tag_selectors: tags = null, ...rest } }: Rule) {
  return { ...rest, ...(disabled === true ? { disabled } : {}), id, tag_selectors: tags }
}

function create(call: Call): Reply {
  const project = own(call, 'immutable-tag:create')
  const body = call.body('immutableRule')
  if (project.immutable.some((one) => JSON.stringify(one.body) === JSON.stringify(body))) throw conflict('immutable rule already exists')
  const id = nextId(call.state, 'immutable')
  project.immutable.push({ id, body })
  return created(`${call.path}/${id}`)
}
