import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, created, done, json, notFound, page } from '../answers.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type Project, type Rule, timeOf, yearOne } from '../state.ts'
import { own } from './projects.ts'

const events = [
  ...['PUSH_ARTIFACT', 'PULL_ARTIFACT', 'DELETE_ARTIFACT', 'QUOTA_EXCEED', 'QUOTA_WARNING', 'SCANNING_FAILED', 'SCANNING_STOPPED'],
  ...['SCANNING_COMPLETED', 'REPLICATION', 'TAG_RETENTION'],
]
const formats = ['Default', 'CloudEvents']

/** Policies of webhooks; nothing is ever delivered. */
export const webhookRoutes: Routes = {
  'GET /projects/:project/webhook/events': (call) => {
    own(call, 'notification-policy:read')
    return json({ event_type: events, notify_type: ['http', 'slack'], payload_formats: [{ formats, notify_type: 'http' }] })
  },
  'GET /projects/:project/webhook/policies': (call) =>
    page(own(call, 'notification-policy:list').webhooks.toReversed(), call, { shown: view }),
  'POST /projects/:project/webhook/policies': create,
  'GET /projects/:project/webhook/policies/:policy': (call) => json(view(find(own(call, 'notification-policy:read'), call))),
  'PUT /projects/:project/webhook/policies/:policy': (call) => {
    const policy = find(own(call, 'notification-policy:update'), call)
    policy.body = { ...policy.body, ...checked(call), update_time: timeOf(call.state) }
    return done()
  },
  'DELETE /projects/:project/webhook/policies/:policy': (call) => {
    const project = own(call, 'notification-policy:delete')
    project.webhooks.splice(project.webhooks.indexOf(find(project, call)), 1)
    return done()
  },
  'GET /projects/:project/webhook/lasttrigger': (call) => {
    const { webhooks } = own(call, 'notification-policy:list')
    const all = webhooks.toReversed().flatMap(({ body }) =>
      [body['event_types']].flat().map((event) => ({
        ...{ creation_time: body['creation_time'], enabled: body['enabled'], event_type: event },
        ...{ last_trigger_time: yearOne, policy_name: body['name'] },
      })),
    )
    return json(all)
  },
}

function view({ id, body: { description, ...body } }: Rule) {
  return { ...body, ...(description === '' ? {} : { description }), id }
}

function find({ webhooks }: Project, { params }: Call): Rule {
  const policy = webhooks.find(({ id }) => String(id) === params['policy'])
  if (policy === undefined) throw notFound(`notificationPolicy ${params['policy']} not found`)
  return policy
}

function create(call: Call): Reply {
  const project = own(call, 'notification-policy:create')
  const body = checked(call)
  if (project.webhooks.some((one) => one.body['name'] === body['name']))
    throw conflict(`notification policy named ${body['name']} already exists`)
  const at = timeOf(call.state)
  const id = nextId(call.state, 'webhook')
  project.webhooks.push({ id, body: { creation_time: at, ...body, project_id: project.id, update_time: at } })
  return created(`${call.path}/${id}`)
}

interface Target {
  readonly type: string
  readonly address: string
  readonly payload_format?: string
  readonly auth_header?: string
}

function checked(call: Call): Record<string, unknown> {
  const body = call.body('policy')
  const { name, targets, event_types: types } = body
  const unknown = [types].flat().find((type) => !events.includes(String(type)))
  if (Array.isArray(types) && types.length === 0) throw badRequest('empty event type')
  if (unknown !== undefined) throw badRequest(`unsupported event type ${unknown}`)
  const all: readonly Target[] = Array.isArray(targets) ? targets : []
  if (all.length === 0) throw badRequest(`empty notification target with policy ${name}`)
  return { ...body, targets: all.map((target) => checkedTarget(target, String(name))) }
}

function checkedTarget({ auth_header: header, payload_format: format, ...target }: Target, name: string): object {
  if (!['http', 'slack'].includes(target.type)) throw badRequest(`unsupported target type ${target.type} with policy ${name}`)
  if (/\s/.test(target.address)) throw badRequest(`parse "http://${target.address}": invalid character " " in host name`)
  if (format !== undefined && !formats.includes(format)) throw badRequest(`unsupported payload format type: ${format}`)
  const shown = target.type === 'http' ? { payload_format: format ?? 'Default' } : {}
  return { ...target, ...(header === undefined || header === '' ? {} : { auth_header: header }), ...shown }
}
