import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, created, done, json, notFound, page, text, unauthorized } from '../answers.ts'
import { isAdmin, requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type State, timeOf, yearOne } from '../state.ts'
import { own } from './projects.ts'

interface Collection {
  readonly id: number
  readonly created: number
  readonly parameters: Record<string, unknown>
}

interface Schedule {
  readonly id: number
  readonly created: string
  readonly schedule: { readonly type: string; readonly cron: string }
}

const collections = new WeakMap<State, Collection[]>()
const schedules = new WeakMap<State, Schedule>()
/** A collection takes so long, in milliseconds. */
const lasts = 20_000
const emptyJson: Reply = { status: 200, headers: { 'content-type': 'application/json' } }
const jobTypes = [
  ...['AUDIT_LOGS_GDPR_COMPLIANT', 'EXECUTION_SWEEP', 'GARBAGE_COLLECTION', 'IMAGE_SCAN', 'P2P_PREHEAT', 'PURGE_AUDIT_LOG'],
  ...['REPLICATION', 'RETENTION', 'SCAN_DATA_EXPORT', 'SLACK', 'SYSTEM_ARTIFACT_CLEANUP', 'WEBHOOK'],
]

/** Garbage collection, the job service and the audit log, as far as they can be asked. Nothing is ever collected. */
export const jobRoutes: Routes = {
  'POST /system/gc/schedule': schedule,
  'PUT /system/gc/schedule': schedule,
  'GET /system/gc/schedule': ({ state, who }) => {
    requireAdmin(who)
    const known = schedules.get(state)
    if (known === undefined) return emptyJson
    const next = new Date(Math.ceil(state.now() / 86_400_000) * 86_400_000).toISOString()
    const parameters = JSON.stringify({ delete_tag: false, delete_untagged: false, workers: 0 })
    const { id, created: at, schedule: own } = known
    const shown = { creation_time: at, id, job_kind: own.cron, job_parameters: parameters, job_status: 'Running' }
    return json({ ...shown, schedule: { cron: own.cron, next_scheduled_time: next, type: own.type }, update_time: at })
  },
  'GET /system/gc': (call) => {
    requireAdmin(call.who)
    return page((collections.get(call.state) ?? []).toReversed(), call, { shown: (one) => collectionView(call.state, one) })
  },
  'GET /system/gc/:collection': (call) => json(collectionView(call.state, find(call))),
  'GET /system/gc/:collection/log': (call) => {
    find(call)
    return text('2026-11-21T16:27:17Z [INFO] [/jobservice/job/impl/gc/garbage_collection.go:179]: start to run gc in job.\n')
  },
  'GET /jobservice/queues': ({ who }) => {
    requireAdmin(who)
    return json(jobTypes.map((type) => ({ job_type: type, paused: false })))
  },
  'GET /jobservice/pools': ({ who, state }) => {
    requireAdmin(who)
    return json([
      { concurrency: 10, heartbeat_at: timeOf(state), pid: 20_808, start_at: timeOf(state), worker_pool_id: 'eaff8451a6dbb12a02372e43' },
    ])
  },
  'GET /schedules': (call) => {
    requireAdmin(call.who)
    const at = timeOf(call.state)
    const cron = '0 0 0 * * *'
    const sweep = { cron, id: 2, update_time: at, vendor_id: -1, vendor_type: 'EXECUTION_SWEEP' }
    return page([{ cron, id: 1, update_time: at, vendor_type: 'SYSTEM_ARTIFACT_CLEANUP' }, sweep], call)
  },
  'GET /system/purgeaudit/schedule': ({ who }) => {
    requireAdmin(who)
    return emptyJson
  },
  'GET /audit-logs': (call) => page([], call),
  'GET /projects/:project/logs': (call) => {
    own(call, 'log:list')
    return page([], call)
  },
  'GET /auditlog-exts': (call) => {
    if (call.who.kind === 'anonymous') throw unauthorized('')
    return page(isAdmin(call.who) ? entries(call) : [], call)
  },
  'GET /projects/:project/auditlog-exts': (call) => {
    const { name } = own(call, 'log:list')
    return page(
      entries(call).filter(({ resource }) => resource.split(/[/:]/)[0] === name),
      call,
    )
  },
  'GET /auditlog-exts/events': () =>
    json(
      ['create_artifact', 'delete_artifact', 'pull_artifact', 'create_project', 'delete_project', 'login_user'].map((event) => ({
        event_type: event,
      })),
    ),
}

/** What can be told of the things that are there. */
function entries({ state }: Call) {
  const things = [
    ...state.projects.map(({ name, created: at }) => ({ type: 'project', resource: name, at })),
    ...state.repositories.flatMap(({ name, artifacts }) =>
      [...artifacts.values()].map(({ digest, pushed }) => ({ type: 'artifact', resource: `${name}@${digest}`, at: pushed })),
    ),
  ]
  return things.toReversed().map(({ type, resource, at }, index) => ({
    ...{ id: things.length - index, op_time: at, operation: 'create', operation_description: `create ${type}: ${resource}` },
    ...{ operation_result: true, resource, resource_type: type, username: 'admin' },
  }))
}

function find({ state, who, params }: Call): Collection {
  requireAdmin(who)
  const known = collections.get(state)?.find(({ id }) => String(id) === params['collection'])
  if (known === undefined) throw notFound(`garbage collection execution ${params['collection']} not found`)
  return known
}

function schedule(call: Call): Reply {
  const { state, who } = call
  requireAdmin(who)
  const body = call.body('schedule')
  const { type, cron = '' } = Object(body['schedule'])
  if (type === 'None') {
    schedules.delete(state)
    return done()
  }
  if (type !== 'Manual') {
    if (!String(cron).startsWith('0 ')) {
      throw badRequest(
        `invalid cron string for scheduled gc: ${cron}, error: the 1st field (indicating Seconds of time) of the cron setting must be 0`,
      )
    }
    schedules.set(state, { id: 5, created: timeOf(state), schedule: { type, cron } })
    return created('/api/v2.0/system/gc/0')
  }
  const id = nextId(state, 'gc')
  collections.set(state, [...(collections.get(state) ?? []), { id, created: state.now(), parameters: Object(body['parameters']) }])
  return created(`/api/v2.0/system/gc/${id}`)
}

/** The parameters are a text of JSON in the JSON. */
function collectionView({ now }: State, { id, created: at, parameters }: Collection) {
  const isOver = now() >= at + lasts
  const { delete_untagged: untagged = false, dry_run: dry = false, workers = 1 } = parameters
  const freed = isOver ? { freed_space: 0, purged_blobs: 0, purged_manifests: 0 } : {}
  const written = JSON.stringify({ delete_tag: false, delete_untagged: untagged, dry_run: dry, ...freed, time_window: 2, workers })
  const job = { job_kind: 'MANUAL', job_name: 'GARBAGE_COLLECTION', job_parameters: written, job_status: isOver ? 'Success' : 'Running' }
  const time = new Date(at).toISOString()
  return { creation_time: time, id, ...job, schedule: { next_scheduled_time: yearOne, type: 'Manual' }, update_time: time }
}
