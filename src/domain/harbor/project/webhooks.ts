import { allPages } from '../pages.ts'
import { projectPath } from '../paths.ts'
import { harborProjectFixed } from './errors.ts'
import type { Found, Kind, Secrets, Step, Value } from './kind.ts'
import type { Webhook } from './schema-parts.ts'
import { definedOf, filled, isMap } from './value.ts'
import { type WireWebhook, wireWebhook } from './wire.ts'

/** Whom Harbor tells what happens in a project. */
export const webhooksKind: Kind = {
  name: 'webhooks',
  startsEmpty: true,
  secret: ['auth-header'],
  canRemove: () => true,
  wanted: ({ webhooks }, secrets) =>
    webhooks === undefined
      ? undefined
      : Object.entries(webhooks).map(([name, webhook]) => ({ name, value: valueOfFile(webhook, secrets), path: ['webhooks', name] })),
  async read({ harbor, name }) {
    const path = `${projectPath(name)}/webhook/policies`
    const call = { method: 'GET', path, doing: `list the webhooks of ${name}`, needs: '`notification-policy:list`' } as const
    const webhooks = await allPages(harbor, call, wireWebhook)
    return new Map(webhooks.map((one) => [one.name ?? '', { id: one.id, value: valueOfWire(one) }] satisfies [string, Found]))
  },
  async write({ harbor, name: project }, [step]) {
    const { action, name, found } = step
    const path = `${projectPath(project)}/webhook/policies`
    const doing = `${action} the webhook ${name} of ${project}`
    const one = `${path}/${found?.id ?? 0}`
    if (action === 'delete') await harbor.send({ method: 'DELETE', path: one, doing, needs: '`notification-policy:delete`' })
    else if (action === 'create')
      await harbor.send({ method: 'POST', path, body: bodyOf(step), doing, needs: '`notification-policy:create`' })
    else await harbor.send({ method: 'PUT', path: one, body: bodyOf(step), doing, needs: '`notification-policy:update`' })
  },
  exported(found) {
    const webhooks = [...found].flatMap(([name, { value }]) => (isMap(value) ? [[name, exportedOf(name, value)] as const] : []))
    return webhooks.length === 0 ? undefined : Object.fromEntries(webhooks)
  },
}

function valueOfFile({ events, format, 'auth-header': header, ...rest }: Webhook, secrets: Secrets): Value {
  const shape = rest.type === 'http' ? { format: format ?? 'Default' } : {}
  const auth = header === undefined ? {} : { 'auth-header': secrets.get(header.secret) ?? '' }
  return definedOf({ ...rest, events: events.toSorted(), ...shape, ...auth })
}

function valueOfWire({ targets, event_types: events, enabled, description }: WireWebhook): Value {
  const [target] = targets
  const format = target?.type === 'http' ? { format: target.payload_format ?? 'Default' } : {}
  return {
    ...{ url: target?.address ?? '', type: target?.type ?? '', events: events.toSorted(), ...format },
    ...{ 'auth-header': target?.auth_header ?? '', 'verify-tls': target?.skip_cert_verify !== true },
    ...{ enabled: enabled ?? false, description: description ?? '' },
    ...(targets.length > 1 ? { targets: targets.length } : {}),
  }
}

function bodyOf({ name, after, found }: Step): object {
  const value = isMap(after) ? after : {}
  const { events, url: address, type, format, enabled, description = '' } = value
  if (isMap(found?.value) && found.value['targets'] !== undefined)
    throw harborProjectFixed(
      `The webhook ${name} has ${String(found.value['targets'])} addresses in Harbor, and the file has words for one.`,
      {
        hint: 'make a webhook for each address in Harbor, and name them in the file',
      },
    )
  const target = {
    ...{ type, address, auth_header: value['auth-header'] ?? '', skip_cert_verify: value['verify-tls'] === false },
    ...(type === 'http' ? { payload_format: format ?? 'Default' } : {}),
  }
  return { name, description, enabled, event_types: events, targets: [target] }
}

/** A header is a secret: the file names it, and whoever exported gives it. */
function exportedOf(name: string, value: Readonly<Record<string, Value>>): Value {
  const { 'auth-header': header, targets: _, ...rest } = value
  const secret = `${name.replaceAll(/\W+/g, '_').toUpperCase().slice(0, 80)}_AUTH`
  return filled(header === '' || header === undefined ? rest : { ...rest, 'auth-header': { secret } })
}
