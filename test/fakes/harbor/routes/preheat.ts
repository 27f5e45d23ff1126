import { conflict, created, done, json, notFound, page } from '../answers.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, timeOf } from '../state.ts'
import { own } from './projects.ts'

interface Policy {
  readonly id: number
  body: Record<string, unknown>
}

const policies = new WeakMap<object, Policy[]>()
const providers = [{ id: 1, provider: 'Dragonfly dragonfly-http://dragonfly.example.com', enabled: true, default: true }]

/** Preheat policies, by the API description and Harbor’s source: none was recorded. */
export const preheatRoutes: Routes = {
  'GET /projects/:project/preheat/providers': (call) => {
    own(call, 'preheat-policy:list')
    return json(providers)
  },
  'GET /projects/:project/preheat/policies': (call) => page(of(call, 'list'), call, { shown: view }),
  'GET /projects/:project/preheat/policies/:policy': (call) => json(view(find(call, 'read'))),
  'POST /projects/:project/preheat/policies': (call) => {
    const all = of(call, 'create')
    const body = call.body('policy')
    if (all.some((one) => one.body['name'] === body['name'])) throw conflict(`preheat policy ${body['name']} already exists`)
    const id = nextId(call.state, 'preheat')
    all.push({ id, body: { ...body, creation_time: timeOf(call.state) } })
    return created(`${call.path}/${body['name']}`)
  },
  'PUT /projects/:project/preheat/policies/:policy': (call) => {
    const policy = find(call, 'update')
    policy.body = call.body('policy')
    return done()
  },
  'DELETE /projects/:project/preheat/policies/:policy': (call) => {
    const policy = find(call, 'delete')
    const all = of(call, 'delete')
    all.splice(all.indexOf(policy), 1)
    return done()
  },
}

function of(call: Call, action: string): Policy[] {
  const project = own(call, `preheat-policy:${action}`)
  const known = policies.get(project) ?? []
  policies.set(project, known)
  return known
}

function find(call: Call, action: string): Policy {
  const policy = of(call, action).find(({ body }) => body['name'] === call.params['policy'])
  if (policy === undefined) throw notFound(`preheat policy ${call.params['policy']} not found`)
  return policy
}

function view({ id, body }: Policy) {
  return { ...body, id }
}
