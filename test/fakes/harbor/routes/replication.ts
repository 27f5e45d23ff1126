import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, created, done, internal, json, notFound, page, precondition } from '../answers.ts'
import { requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type State, timeOf, yearOne } from '../state.ts'

interface Kept {
  readonly id: number
  readonly created: string
  body: Record<string, unknown>
}

interface Replication {
  readonly registries: Kept[]
  readonly policies: Kept[]
  readonly runs: Kept[]
}

const all = new WeakMap<State, Replication>()
const adapters = [
  ...['ali-acr', 'aws-ecr', 'azure-acr', 'docker-hub', 'docker-registry', 'github-ghcr', 'google-gcr', 'harbor', 'huawei-SWR'],
  ...['jfrog-artifactory', 'tencent-tcr', 'volcengine-cr'],
]

/** Other registries and the rules of replication. Runs fail at once: there is no other registry. */
export const replicationRoutes: Routes = {
  'GET /replication/adapters': (call) => {
    of(call)
    return json(adapters)
  },
  'POST /registries/ping': (call) => {
    of(call)
    if (/UNREACHABLE|\.invalid/.test(String(call.body('registry')['url']))) throw internal()
    return done()
  },
  'POST /registries': (call) => {
    const { registries } = of(call)
    const body = checked(call.body('registry'))
    if (registries.some((one) => one.body['name'] === body['name'])) throw conflict(`registry ${body['name']} already exists`)
    return keep(call, registries, { kind: 'registry', body })
  },
  'GET /registries': (call) => page(of(call).registries, call, { shown: registryView }),
  'PUT /registries/:registry': (call) => {
    const registry = find(of(call).registries, { id: call.params['registry'], what: 'registry' })
    const { access_key: name, access_secret: secret, credential_type: type, ...rest } = call.body('registry')
    const kept = Object(registry.body['credential'])
    const credential =
      name === undefined
        ? {}
        : { credential: { ...kept, type, access_key: name, ...(secret === undefined ? {} : { access_secret: secret }) } }
    // A type stays what it was.
    registry.body = checked({ ...registry.body, ...rest, ...credential, type: registry.body['type'] })
    return done()
  },
  'GET /registries/:registry': (call) => json(registryView(find(of(call).registries, { id: call.params['registry'], what: 'registry' }))),
  'DELETE /registries/:registry': (call) => {
    const { registries, policies } = of(call)
    const registry = find(registries, { id: call.params['registry'], what: 'registry' })
    const isUsed = policies.some(({ body }) => [body['dest_registry'], body['src_registry']].some((one) => Object(one).id === registry.id))
    if (isUsed) throw precondition(`the registry ${registry.id} is referenced by replication policies, cannot delete it`)
    if (call.state.projects.some((one) => one.registry === registry.id))
      throw precondition(`the registry ${registry.id} is referenced by proxy cache project, cannot delete it`)
    registries.splice(registries.indexOf(registry), 1)
    return done()
  },
  'POST /replication/policies': (call) => {
    const { policies } = of(call)
    const body = valid(call)
    if (policies.some((one) => one.body['name'] === body['name'])) throw conflict(`replication policy ${body['name']} already exists`)
    return keep(call, policies, { kind: 'replication', body })
  },
  'GET /replication/policies': (call) => {
    const { registries, policies } = of(call)
    return page(policies, call, { shown: (one) => policyView(one, registries) })
  },
  'PUT /replication/policies/:policy': (call) => {
    const policy = find(of(call).policies, { id: call.params['policy'], what: 'replication policy' })
    // It takes the whole of a rule: what is not sent is as it is at first.
    policy.body = valid(call)
    return done()
  },
  'GET /replication/policies/:policy': (call) => {
    const { registries, policies } = of(call)
    return json(policyView(find(policies, { id: call.params['policy'], what: 'replication policy' }), registries))
  },
  'DELETE /replication/policies/:policy': (call) => {
    const { policies } = of(call)
    policies.splice(policies.indexOf(find(policies, { id: call.params['policy'], what: 'replication policy' })), 1)
    return done()
  },
  'POST /replication/executions': (call) => {
    const { policies, runs } = of(call)
    const body = call.body('execution')
    find(policies, { id: String(body['policy_id']), what: 'replication policy' })
    return keep(call, runs, { kind: 'execution', body })
  },
  'GET /replication/executions/:run': (call) => {
    const { id, created: at, body } = find(of(call).runs, { id: call.params['run'], what: 'replication execution' })
    const counts = { failed: 0, in_progress: 0, stopped: 0, succeed: 0, total: 0 }
    const text = 'failed to fetch artifacts: http error: code 404, message 404 page not found\n'
    return json({
      end_time: at,
      id,
      policy_id: body['policy_id'],
      start_time: at,
      status: 'Failed',
      status_text: text,
      ...counts,
      trigger: 'manual',
    })
  },
  'GET /replication/executions/:run/tasks': (call) => {
    of(call)
    return page([], call)
  },
  'PUT /replication/executions/:run': (call) => {
    of(call)
    return { status: 200, headers: { 'content-type': 'application/json' } }
  },
}

/** Takes all policies away. */
export function forgetReplication(state: State): void {
  all.get(state)?.policies.splice(0)
}

function of({ state, who }: Call): Replication {
  requireAdmin(who)
  const known = all.get(state) ?? { registries: [], policies: [], runs: [] }
  all.set(state, known)
  return known
}

/** Harbor asks a registry whether it is well before it is kept, and keeps the address without slashes at its end. */
function checked(body: Record<string, unknown>): Record<string, unknown> {
  const url = String(body['url']).replace(/\/+$/, '')
  if (String(body['name']).length > 64) throw badRequest('the max length of name is 64')
  if (!adapters.includes(String(body['type'])) || /UNREACHABLE|\.invalid/.test(url)) throw internal()
  return { ...body, url }
}

const filterTypes = ['resource', 'name', 'tag', 'label']

function valid(call: Call): Record<string, unknown> {
  const { registries } = of(call)
  const body = call.body('policy')
  const ids = [body['src_registry'], body['dest_registry']].map((side) => Number(Object(side).id ?? 0))
  const [id, ...others] = ids.filter((one) => one !== 0)
  if (id === undefined || others.length > 0)
    throw badRequest("either src_registry or dest_registry should be empty and the other one shouldn't be empty")
  for (const { type, value, decoration } of (body['filters'] ?? []) as Record<string, unknown>[]) {
    if (!filterTypes.includes(String(type))) throw badRequest('invalid filter type')
    if (type === 'label' ? !Array.isArray(value) : typeof value !== 'string')
      throw badRequest(`the type of ${type === 'label' ? "label filter value isn't string slice" : "filter value isn't string"}`)
    if (decoration !== undefined && ['name', 'resource'].includes(String(type)))
      throw badRequest('only tag and label filter support decoration')
  }
  const { type, trigger_settings: settings } = Object(body['trigger'])
  const cron = String(Object(settings).cron ?? '')
  if (type === 'scheduled' && !/^0 (?!\* )\S+(?: \S+){4}$/.test(cron))
    throw badRequest(`invalid cron string for scheduled trigger: ${cron}`)
  find(registries, { id: String(id), what: 'registry' })
  return { ...body, speed: Math.max(0, Number(body['speed'] ?? 0)) }
}

function keep(call: Call, kept: Kept[], { kind, body }: { kind: string; body: Record<string, unknown> }): Reply {
  const id = nextId(call.state, kind)
  kept.push({ id, created: timeOf(call.state), body })
  return created(`${call.path}/${id}`)
}

function find(kept: readonly Kept[], { id, what }: { id: string | undefined; what: string }): Kept {
  const known = kept.find((one) => String(one.id) === id)
  if (known === undefined) throw notFound(`${what} ${id} not found`)
  return known
}

/** By swagger only: what is false or empty is left out. */
function registryView({ id, created: at, body: { credential, insecure, ...body } }: Kept) {
  const masked = credential === undefined ? {} : { credential: { ...Object(credential), access_secret: '*****' } }
  return { creation_time: at, ...masked, ...body, ...(insecure === true ? { insecure } : {}), id, status: 'healthy', update_time: at }
}

/** The end of a rule that is this Harbor. */
const itself = {
  ...{ creation_time: yearOne, credential: { access_secret: '*****', type: 'secret' }, id: 0, insecure: true, name: 'Local' },
  ...{ status: 'healthy', type: 'harbor', update_time: yearOne, url: 'http://core:8080' },
}

function policyView({ id, created: at, body }: Kept, registries: readonly Kept[]) {
  const { src_registry: source, dest_registry: target, deletion, replicate_deletion: replicates = deletion, ...rest } = body
  const shown = (side: unknown): object => {
    const registry = registries.find((one) => one.id === Object(side).id)
    return registry === undefined ? itself : registryView(registry)
  }
  const sides = { dest_registry: shown(target), src_registry: shown(source) }
  return {
    ...{ copy_by_chunk: false, single_active_replication: false },
    creation_time: at,
    ...rest,
    ...sides,
    id,
    ...(replicates === true ? { replicate_deletion: true } : {}),
    update_time: at,
  }
}
