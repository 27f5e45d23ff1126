import type { Harbor } from '../client.ts'
import { harborConflict, harborRefused } from '../errors.ts'
import type { Kind, ProjectPlace, Value } from './kind.ts'
import { keepWords, type RetentionRule } from './schema-rules.ts'
import { selectedOf, selectedOfWire, wireSelectors } from './selectors.ts'
import { isMap } from './value.ts'
import { type WireRule, wireRetention } from './wire.ts'

const templates = {
  'latest-pushed': 'latestPushedK',
  'latest-pulled': 'latestPulledN',
  'pushed-within-days': 'nDaysSinceLastPush',
  'pulled-within-days': 'nDaysSinceLastPull',
  always: 'always',
} as const satisfies Record<(typeof keepWords)[number], string>
const crons = { none: '', hourly: '0 0 * * * *', daily: '0 0 0 * * *', weekly: '0 0 0 * * 0' } as const

/** What stays when a project is cleaned: one policy, whose number is among the project’s settings. */
export const retentionKind: Kind = {
  name: 'retention',
  wanted({ retention }) {
    if (retention === undefined) return undefined
    const schedule = retention.schedule === undefined ? {} : { schedule: retention.schedule }
    return [{ name: '', value: { ...schedule, rules: retention.rules.map(ruleOf) }, path: ['retention'] }]
  },
  async read({ harbor, name, project }) {
    const id = project.metadata.get('retention_id')
    if (id === undefined) return new Map()
    const call = { method: 'GET', path: `/retentions/${encodeURIComponent(id)}`, doing: `show the retention of ${name}` } as const
    const policy = await harbor.read({ ...call, needs: '`tag-retention:read`' }, wireRetention)
    const value = { schedule: wordOf(policy.trigger?.settings?.cron ?? ''), rules: policy.rules.map(ruleOfWire) }
    return new Map([['', { value, id: Number(id) }]])
  },
  async write(place, [{ action, after, found }]) {
    const body = bodyOf(place, isMap(after) ? after : {})
    const doing = `${action} the retention of ${place.name}`
    const path = `/retentions/${found?.id ?? 0}`
    if (action === 'create') await create(place.harbor, { body, doing })
    else await place.harbor.send({ method: 'PUT', path, body: { ...body, id: found?.id }, doing, needs: '`tag-retention:update`' })
  },
  exported(found) {
    const value = found.get('')?.value
    if (!isMap(value) || !Array.isArray(value['rules'])) return undefined
    const rules = value['rules'].filter((rule: Value) => isMap(rule) && rule['keep'] !== undefined)
    return rules.length === 0 ? undefined : { ...value, rules }
  },
}

/** A second policy is a bad request to Harbor, not a conflict. */
async function create(harbor: Harbor, { body, doing }: { readonly body: object; readonly doing: string }): Promise<void> {
  const call = { method: 'POST', path: '/retentions', body, doing, needs: '`tag-retention:create`' } as const
  await harbor.send(call).catch((error: unknown) => {
    if (harborRefused.is(error) && error.message.includes('already has retention policy'))
      throw harborConflict(error.message, { cause: error })
    throw error
  })
}

function bodyOf({ project }: ProjectPlace, { schedule = 'none', rules = [] }: Readonly<Record<string, Value>>) {
  const cron = crons[String(schedule) as keyof typeof crons] ?? String(schedule)
  return {
    ...{ algorithm: 'or', scope: { level: 'project', ref: project.id } },
    trigger: { kind: 'Schedule', settings: { cron }, references: {} },
    rules: Array.isArray(rules) ? rules.map(wireOf) : [],
  }
}

function wordOf(cron: string): string {
  return Object.entries(crons).find(([, one]) => one === cron)?.[0] ?? cron
}

function ruleOf({ keep, count, untagged, disabled, ...selected }: RetentionRule): Value {
  return { keep, ...(count === undefined ? {} : { count }), ...selectedOf(selected), untagged, disabled }
}

/** A rule that the file has no words for stands for itself: it is never equal to one of the file. */
function ruleOfWire(rule: WireRule): Value {
  const selected = selectedOfWire(rule)
  const keep = keepWords.find((word) => templates[word] === rule.template)
  if (selected === undefined || keep === undefined) return { rule: JSON.stringify(rule) }
  const count = rule.params?.[templates[keep]]
  return {
    ...{ keep, ...(typeof count === 'number' && keep !== 'always' ? { count } : {}), ...selected },
    ...{ untagged: hasUntagged(rule.tag_selectors[0]?.extras), disabled: rule.disabled ?? false },
  }
}

function hasUntagged(extras: string | null | undefined): boolean {
  return extras === null || extras === undefined || extras === '' || /"untagged"\s*:\s*true/.test(extras)
}

function wireOf(rule: Value): unknown {
  if (!isMap(rule)) return {}
  if (typeof rule['rule'] === 'string') return JSON.parse(rule['rule'])
  const keep = keepWords.find((word) => word === rule['keep']) ?? 'always'
  const template = templates[keep]
  return {
    ...{ disabled: rule['disabled'] === true, action: 'retain', template, params: keep === 'always' ? {} : { [template]: rule['count'] } },
    ...wireSelectors(rule, JSON.stringify({ untagged: rule['untagged'] === true })),
  }
}
