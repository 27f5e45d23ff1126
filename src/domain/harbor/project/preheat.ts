import { allPages } from '../pages.ts'
import { projectPath } from '../paths.ts'
import { harborProjectReference } from './errors.ts'
import type { Found, Kind, ProjectPlace, Value } from './kind.ts'
import type { PreheatSettings } from './schema-parts.ts'
import { definedOf, filled, isMap } from './value.ts'
import { listOf, type WirePreheat, wirePreheat, wireProvider, wireWhole } from './wire.ts'

const triggers = { manual: 'manual', scheduled: 'scheduled', 'event-based': 'event_based' } as const

/** Images that are brought to nodes before they are asked for. Harbor writes filters and trigger as JSON in a text. */
export const preheatKind: Kind = {
  name: 'preheat',
  canRemove: () => true,
  wanted: ({ preheat }) =>
    preheat === undefined
      ? undefined
      : Object.entries(preheat).map(([name, policy]) => ({ name, value: valueOfFile(policy), path: ['preheat', name] })),
  async read(place) {
    const call = {
      method: 'GET',
      path: pathOf(place),
      doing: `list the preheat policies of ${place.name}`,
      needs: '`preheat-policy:list`',
    } as const
    const policies = await allPages(place.harbor, call, wirePreheat)
    const providers = policies.length === 0 ? new Map<number, string>() : await providersOf(place)
    return new Map(policies.map((one) => [one.name, { id: one.id, value: valueOfWire(one, providers) }] satisfies [string, Found]))
  },
  async write(place, [{ action, name, after, found }]) {
    const { harbor } = place
    const doing = `${action} the preheat policy ${name} of ${place.name}`
    // By its name, not by its number.
    const path = `${pathOf(place)}/${encodeURIComponent(name)}`
    if (action === 'delete') {
      await harbor.send({ method: 'DELETE', path, doing, needs: '`preheat-policy:delete`' })
      return
    }
    const before =
      found === undefined ? undefined : await harbor.send({ method: 'GET', path, doing: `show ${name}`, needs: '`preheat-policy:read`' })
    const foreign = before === undefined ? [] : harbor.parse(before, wirePreheat).filters.filter(isForeign)
    const body = {
      ...(before === undefined ? {} : harbor.parse(before, wireWhole)),
      ...{ name, ...(await bodyOf(place, isMap(after) ? after : {}, foreign)) },
    }
    if (action === 'create') await harbor.send({ method: 'POST', path: pathOf(place), body, doing, needs: '`preheat-policy:create`' })
    else await harbor.send({ method: 'PUT', path, body, doing, needs: '`preheat-policy:update`' })
  },
  exported: (found) => (found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, filled(value)]))),
}

function pathOf({ name }: ProjectPlace): string {
  return `${projectPath(name)}/preheat/policies`
}

function valueOfFile({ filters, ...rest }: PreheatSettings): Value {
  return { ...definedOf(rest), filters: definedOf(filters) }
}

function valueOfWire(
  { provider_id: provider, filters, trigger, enabled, description }: WirePreheat,
  providers: ReadonlyMap<number, string>,
): Value {
  const word = Object.entries(triggers).find(([, one]) => one === trigger.type)?.[0] ?? trigger.type
  const cron = trigger.trigger_setting?.cron ?? ''
  return definedOf({
    ...{ provider: providers.get(provider ?? 0) ?? `provider ${provider}`, filters: filtersOf(filters), trigger: word },
    ...{ cron: cron === '' ? undefined : cron, enabled: enabled ?? false, description: description ?? '' },
  })
}

async function bodyOf(place: ProjectPlace, value: Readonly<Record<string, Value>>, foreign: WirePreheat['filters']): Promise<object> {
  const { provider, filters, trigger = 'manual', cron = '', enabled = true, description = '' } = value
  const type = Object.entries(triggers).find(([word]) => word === trigger)?.[1] ?? 'manual'
  const ours = isMap(filters) ? Object.entries(filters).map(([name, pattern]) => ({ type: name, value: pattern })) : []
  const all = [...ours, ...foreign]
  return {
    ...{ project_id: place.project.id, provider_id: await providerNumber(place, String(provider)) },
    ...{ filters: JSON.stringify(all), trigger: JSON.stringify({ type, trigger_setting: { cron } }), enabled, description },
  }
}

async function providerNumber(place: ProjectPlace, name: string): Promise<number> {
  const found = [...(await providersOf(place))].find(([, provider]) => provider === name)
  if (found !== undefined) return found[0]
  throw harborProjectReference(`Harbor has no preheat provider ${JSON.stringify(name)} for ${place.name}.`, {
    hint: 'make an instance under Administration › Distributions',
  })
}

/** Instances by their number. Harbor tells a project `Vendor name-address`, of which the name is what people know. */
async function providersOf({ harbor, name }: ProjectPlace): Promise<ReadonlyMap<number, string>> {
  const call = { method: 'GET', path: `${projectPath(name)}/preheat/providers`, doing: `list the preheat providers of ${name}` } as const
  const providers = await harbor.read({ ...call, needs: '`preheat-policy:list`' }, listOf(wireProvider))
  return new Map(providers.map(({ id, provider }) => [id, instanceOf(provider ?? '')]))
}

function instanceOf(shown: string): string {
  return /^\S+ (.+?)-https?:\/\//.exec(shown)?.[1] ?? shown
}

/** Of others, such as the severity that a project demands anyway, the file has no word. */
function filtersOf(filters: WirePreheat['filters']): Value {
  const known = filters.filter((one) => !isForeign(one))
  return Object.fromEntries(known.map(({ type, value }) => [type, String(value)]))
}

function isForeign({ type }: WirePreheat['filters'][number]): boolean {
  return !['repository', 'tag', 'label'].includes(type)
}
