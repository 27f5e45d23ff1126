import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, created, done, forbidden, internal, json, notFound, page, text } from '../answers.ts'
import { listed, remove } from '../artifacts.ts'
import { findProject, mayIn, requireLogin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type Project, type State } from '../state.ts'

interface Policy {
  readonly id: number
  body: Record<string, unknown>
  readonly runs: Run[]
}

interface Run {
  readonly id: number
  readonly dry: boolean
  readonly begun: number
  readonly total: number
  readonly retained: number
}

const policies = new WeakMap<State, Policy[]>()
/** The status of a run lags behind its end. */
const lag = 8000

const templates = [
  ['latestPushedK', 'the most recently pushed # artifacts', 'int', 'COUNT'],
  ['latestPulledN', 'the most recently pulled # artifacts', 'int', 'COUNT'],
  ['nDaysSinceLastPush', 'pushed within the last # days', 'int', 'DAYS'],
  ['nDaysSinceLastPull', 'pulled within the last # days', 'int', 'DAYS'],
].map(([name, label, type, unit]) => ({
  action: 'retain',
  display_text: label,
  params: [{ required: true, type, unit }],
  rule_template: name,
}))

/** Retention: one policy for a project; runs keep the newest of a repository. */
export const retentionRoutes: Routes = {
  'GET /retentions/metadatas': () =>
    json({
      scope_selectors: [{ decorations: ['repoMatches', 'repoExcludes'], display_text: 'Repositories', kind: 'doublestar' }],
      tag_selectors: [{ decorations: ['matches', 'excludes'], display_text: 'Tags', kind: 'doublestar' }],
      templates: [...templates, { action: 'retain', display_text: 'always', params: [], rule_template: 'always' }],
    }),
  'POST /retentions': create,
  'GET /retentions/:policy': (call) => {
    const policy = find(call)
    if (policy === undefined) throw internal()
    return json(view(call, policy))
  },
  'PUT /retentions/:policy': (call) => {
    const policy = find(call)
    const body = call.body('policy')
    const { cron = '' } = Object(Object(body['trigger']).settings)
    const fields = String(cron).split(' ')
    if (cron !== '' && fields.length !== 6) {
      throw badRequest(
        `invalid cron string for scheduled tag retention: ${cron}, error: expected exactly 6 fields, found ${fields.length}: [${cron}]`,
      )
    }
    if (policy !== undefined) policy.body = body
    return done()
  },
  'DELETE /retentions/:policy': (call) => {
    const policy = find(call)
    if (policy === undefined) throw badRequest(`bad request: no such Retention policy with id ${call.params['policy']}`)
    const all = policies.get(call.state) ?? []
    all.splice(all.indexOf(policy), 1)
    return done()
  },
  'POST /retentions/:policy/executions': run,
  'GET /retentions/:policy/executions': (call) => {
    const policy = find(call)
    return page(policy?.runs.toReversed() ?? [], call, { shown: (one) => runView(call, policy?.id ?? 0, one) })
  },
  'GET /retentions/:policy/executions/:run/tasks': (call) => {
    const runs = find(call)?.runs.filter(({ id }) => String(id) === call.params['run']) ?? []
    return page(runs, call, { shown: taskView })
  },
  'GET /retentions/:policy/executions/:run/tasks/:task': () =>
    text('2026-11-21T16:31:37Z [INFO] [/pkg/retention/job.go:86]: Run retention process.\n'),
  'PATCH /retentions/:policy/executions/:run': () => done(),
}

function find({ state, who, params }: Call): Policy | undefined {
  requireLogin(who)
  return policies.get(state)?.find(({ id }) => String(id) === params['policy'])
}

function create(call: Call): Reply {
  const { state, who } = call
  requireLogin(who)
  const body = call.body('policy')
  const { ref } = Object(body['scope'])
  const project = findProject(state, String(ref))
  if (project === undefined) throw badRequest(`bad request: invalid Project id ${ref}`)
  const known = project.metadata.get('retention_id')
  if (known !== undefined) throw badRequest(`bad request: project ${project.id} already has retention policy ${known}`)
  if (!mayIn(project, who, 'tag-retention:create')) throw forbidden()
  const id = nextId(state, 'retention')
  project.metadata.set('retention_id', String(id))
  policies.set(state, [...(policies.get(state) ?? []), { id, body, runs: [] }])
  return created(`${call.path}/${id}`)
}

function view({ state }: Call, { id, body }: Policy) {
  const rules = Array.isArray(body['rules']) ? body['rules'].map(({ disabled: _, ...rule }: Record<string, unknown>) => rule) : []
  const { kind, settings } = Object(body['trigger'])
  const { cron = '' } = Object(settings)
  const next = new Date(Math.ceil(state.now() / 86_400_000) * 86_400_000).toISOString()
  const timed = cron === '' ? { cron } : { cron, next_scheduled_time: next }
  return { algorithm: body['algorithm'], id, rules, scope: body['scope'], trigger: { kind, settings: timed } }
}

function run(call: Call): Reply {
  const { state } = call
  const policy = find(call)
  if (policy === undefined) throw notFound(`retention policy ${call.params['policy']} not found`)
  const dry = call.body('run')['dry_run'] === true
  const project = findProject(state, String(Object(policy.body['scope']).ref))
  const id = nextId(state, 'execution')
  policy.runs.push({ id, dry, begun: state.now(), ...kept(state, { project, policy, dry }) })
  return created(`${call.path}/${id}`)
}

/** By the one template that is understood: the newest so many of each repository that a rule names. */
function kept(
  state: State,
  { project, policy, dry }: { project: Project | undefined; policy: Policy; dry: boolean },
): { total: number; retained: number } {
  const [rule] = Array.isArray(policy.body['rules']) ? policy.body['rules'] : []
  const count = Number(Object(Object(rule).params).latestPushedK ?? Number.POSITIVE_INFINITY)
  const pattern = Object(rule).scope_selectors?.repository?.[0]?.pattern
  const repositories = state.repositories.filter((one) => one.project === project && one.name === `${project?.name}/${pattern}`)
  const old = repositories.flatMap((repository) =>
    listed(repository)
      .slice(count)
      .map((artifact) => ({ repository, artifact })),
  )
  const total = repositories.reduce((sum, repository) => sum + listed(repository).length, 0)
  if (!dry) for (const { repository, artifact } of old) remove(state, repository, artifact)
  return { total, retained: total - old.length }
}

function runView({ state }: Call, policy: number, { id, dry, begun }: Run) {
  const isOver = state.now() >= begun + lag
  const ended = isOver ? second(begun) : '0001-01-01T00:00:00Z'
  const started = new Date(begun).toISOString().replace('Z', '337Z')
  return {
    ...(dry ? { dry_run: true } : {}),
    end_time: ended,
    id,
    policy_id: policy,
    start_time: started,
    status: isOver ? 'Success' : 'Running',
    trigger: 'MANUAL',
  }
}

function taskView({ id, begun, total, retained }: Run) {
  const at = second(begun)
  const job = { id: id + 37, job_id: 'b01d9826949e5f8bccfaa0ee', repository: 'ret', retained, start_time: at }
  return { end_time: at, execution_id: id, ...job, status: 'Success', status_code: 3, total }
}

function second(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
