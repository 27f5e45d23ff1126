import { allPages } from '../pages.ts'
import type { Found, Kind, Place, Value } from './kind.ts'
import { registryNumber } from './registries.ts'
import type { ProjectFile } from './schema.ts'
import type { ReplicationSettings } from './schema-system.ts'
import { definedOf, filled, isMap } from './value.ts'
import { type WireReplication, wireReplication, wireWhole } from './wire.ts'

const triggers = { manual: 'manual', scheduled: 'scheduled', 'event-based': 'event_based' } as const

/** Rules by which images go to another registry, or come from there. */
export const replicationKind: Kind<Place, ProjectFile> = {
  name: 'replication',
  canRemove: () => true,
  wanted: ({ replication }) =>
    replication === undefined
      ? undefined
      : Object.entries(replication).map(([name, rule]) => ({ name, value: ruleOf(rule), path: ['replication', name] })),
  async read({ harbor }) {
    const call = { method: 'GET', path: '/replication/policies', doing: 'list the replication rules' } as const
    const rules = await allPages(harbor, { ...call, needs: '`replication-policy:list` of the system' }, wireReplication)
    return new Map(rules.map((one) => [one.name ?? '', { id: one.id, value: ruleOfWire(one) }] satisfies [string, Found]))
  },
  async write(place, [{ action, name, after, found }]) {
    const { harbor } = place
    const doing = `${action} the replication rule ${name}`
    const path = `/replication/policies/${found?.id ?? 0}`
    if (action === 'delete') {
      await harbor.send({ method: 'DELETE', path, doing, needs: '`replication-policy:delete` of the system' })
      return
    }
    const before =
      found === undefined
        ? {}
        : await harbor.read({ method: 'GET', path, doing: `show ${name}`, needs: '`replication-policy:read` of the system' }, wireWhole)
    const body = { ...before, name, ...(await bodyOf(place, isMap(after) ? after : {})) }
    if (action === 'create')
      await harbor.send({ method: 'POST', path: '/replication/policies', body, doing, needs: '`replication-policy:create` of the system' })
    else await harbor.send({ method: 'PUT', path, body, doing, needs: '`replication-policy:update` of the system' })
  },
  exported: (found) => (found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, filled(value)]))),
}

/** With both ends, so that a rule that is turned round does not keep the one it had. */
function ruleOf({ filters, to = '', from = '', 'speed-kb': speed, ...rest }: ReplicationSettings): Value {
  return { to, from, ...definedOf({ ...rest, 'speed-kb': speed === undefined ? undefined : limitOf(speed) }), filters: definedOf(filters) }
}

/** No limit is 0 to Harbor, whatever negative number it was given. */
function limitOf(speed: number): number {
  return Math.max(speed, 0)
}

function ruleOfWire(rule: WireReplication): Value {
  const { dest_registry: to, src_registry: from, trigger, dest_namespace: namespace, dest_namespace_replace_count: flatten } = rule
  const word = Object.entries(triggers).find(([, one]) => one === trigger?.type)?.[0] ?? String(trigger?.type ?? 'manual')
  const cron = trigger?.trigger_settings?.cron ?? ''
  return definedOf({
    ...{ to: nameOf(to), from: nameOf(from), filters: filtersOf(rule.filters) },
    ...{ namespace: namespace ?? '', flatten: flatten ?? -1, trigger: word, cron: cron === '' ? undefined : cron },
    ...{ enabled: rule.enabled ?? false, override: rule.override ?? false, deletion: rule.replicate_deletion ?? false },
    ...{ 'speed-kb': limitOf(rule.speed ?? 0), description: rule.description ?? '' },
  })
}

function nameOf(side: WireReplication['dest_registry']): string {
  return (side?.id ?? 0) === 0 ? '' : (side?.name ?? '')
}

function filtersOf(filters: WireReplication['filters']): Value {
  return Object.fromEntries(
    filters.map(({ type, value, decoration }): [string, Value] => [
      decoration === 'excludes' ? `${type}-except` : type,
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  )
}

async function bodyOf({ harbor }: Place, value: Readonly<Record<string, Value>>): Promise<object> {
  const {
    to = '',
    from = '',
    filters,
    namespace = '',
    flatten = -1,
    trigger = 'manual',
    cron = '',
    deletion = false,
    description = '',
  } = value
  const side = { id: await registryNumber(harbor, String(to === '' ? from : to)) }
  const type = Object.entries(triggers).find(([word]) => word === trigger)?.[1] ?? 'manual'
  return {
    ...{ src_registry: from === '' ? null : side, dest_registry: to === '' ? null : side },
    ...{ dest_namespace: namespace, dest_namespace_replace_count: flatten, trigger: { type, trigger_settings: { cron } } },
    ...{ enabled: value['enabled'] !== false, override: value['override'] !== false, replicate_deletion: deletion, deletion },
    ...{ speed: value['speed-kb'] ?? 0, description, filters: isMap(filters) ? Object.entries(filters).map(wireFilter) : [] },
  }
}

function wireFilter([word, value]: readonly [string, Value]): object {
  if (word === 'tag-except') return { type: 'tag', value, decoration: 'excludes' }
  return word === 'tag' ? { type: 'tag', value, decoration: 'matches' } : { type: word, value }
}
