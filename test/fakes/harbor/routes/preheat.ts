import { badRequest, conflict, created, done, internal, json, notFound, page } from '../answers.ts'
import { requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type State, timeOf } from '../state.ts'
import { own } from './projects.ts'

interface Policy {
  readonly id: number
  body: Record<string, unknown>
}

const policies = new WeakMap<object, Policy[]>()

interface Instance {
  readonly id: number
  readonly name: string
  readonly vendor: string
  readonly endpoint: string
}

const instances = new WeakMap<State, Instance[]>()
const nameOf = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/

/** Preheat policies, by the API description and Harbor’s source: none was recorded. */
export const preheatRoutes: Routes = {
  'GET /projects/:project/preheat/providers': (call) => {
    own(call, 'preheat-policy:list')
    return json(
      instancesOf(call).map(({ id, vendor, name, endpoint }) => ({
        id,
        provider: `${vendor} ${name}-${endpoint}`,
        enabled: true,
        default: true,
      })),
    )
  },
  'POST /p2p/preheat/instances': (call) => {
    requireAdmin(call.who)
    const { name, vendor, endpoint } = call.body('instance')
    if (!nameOf.test(String(name))) throw internal()
    instancesOf(call).push({ id: nextId(call.state, 'instance'), name: String(name), vendor: String(vendor), endpoint: String(endpoint) })
    return created(`${call.path}/${String(name)}`)
  },
  'DELETE /p2p/preheat/instances/:instance': (call) => {
    requireAdmin(call.who)
    const all = instancesOf(call)
    const found = all.find(({ name }) => name === call.params['instance'])
    if (found === undefined) throw notFound(`instance ${call.params['instance']} not found`)
    all.splice(all.indexOf(found), 1)
    return done()
  },
  'GET /projects/:project/preheat/policies': (call) => page(of(call, 'list'), call, { shown: view }),
  'GET /projects/:project/preheat/policies/:policy': (call) => json(view(find(call, 'read'))),
  'POST /projects/:project/preheat/policies': (call) => {
    const all = of(call, 'create')
    const body = valid(call)
    if (all.some((one) => one.body['name'] === body['name'])) throw conflict(`preheat policy ${body['name']} already exists`)
    const id = nextId(call.state, 'preheat')
    all.push({ id, body: { ...body, creation_time: timeOf(call.state) } })
    return created(`${call.path}/${body['name']}`)
  },
  'PUT /projects/:project/preheat/policies/:policy': (call) => {
    const policy = find(call, 'update')
    policy.body = valid(call)
    return done()
  },
  'DELETE /projects/:project/preheat/policies/:policy': (call) => {
    const policy = find(call, 'delete')
    const all = of(call, 'delete')
    all.splice(all.indexOf(policy), 1)
    return done()
  },
}

function instancesOf({ state }: Call): Instance[] {
  const known = instances.get(state) ?? [
    { id: nextId(state, 'instance'), name: 'dragonfly', vendor: 'dragonfly', endpoint: 'http://dragonfly.example.com' },
  ]
  instances.set(state, known)
  return known
}

/** What Harbor cannot read of filters and trigger, both JSON in a text, is an error of its own. */
function valid(call: Call): Record<string, unknown> {
  const body = call.body('policy')
  const [filters, trigger] = [body['filters'], body['trigger']].map((text) => JSON.parse(String(text ?? '')))
  if (!nameOf.test(String(body['name'])) || !Array.isArray(filters) || trigger === null) throw internal()
  const { type, trigger_setting: setting } = Object(trigger)
  const cron = String(Object(setting).cron ?? '')
  if (type === 'scheduled' && !/^0(?: \S+){5}$/.test(cron)) throw badRequest(`invalid cron string for scheduled preheat: ${cron}`)
  if (!instancesOf(call).some(({ id }) => id === body['provider_id'])) throw notFound(`instance ${String(body['provider_id'])} not found`)
  return body
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
