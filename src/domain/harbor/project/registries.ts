import type { Harbor } from '../client.ts'
import { allPages } from '../pages.ts'
import { harborProjectReference } from './errors.ts'
import type { Found, Kind, Place, Value } from './kind.ts'
import type { ProjectFile } from './schema.ts'
import { definedOf, filled, isMap } from './value.ts'
import { type WireRegistry, wireRegistry } from './wire.ts'

/** Other registries, for proxy caches and replication. Harbor shows no password: a new one alone is no difference that can be seen. */
export const registriesKind: Kind<Place, ProjectFile> = {
  name: 'registries',
  canRemove: () => true,
  wanted: ({ registries }) =>
    registries === undefined
      ? undefined
      : Object.entries(registries).map(([name, { password: _, ...registry }]) => ({
          ...{ name, value: definedOf({ ...registry, url: addressOf(registry.url) }), path: ['registries', name] },
        })),
  async read({ harbor }) {
    const registries = await listRegistries(harbor)
    return new Map(registries.map((one) => [one.name, { id: one.id, value: shapeOf(one) }] satisfies [string, Found]))
  },
  async write({ harbor, file, secrets }, [{ action, name, after, found }]) {
    const doing = `${action} the registry ${name}`
    const path = `/registries/${found?.id ?? 0}`
    const { username = '', ...rest } = isMap(after) ? after : {}
    const named = file.registries?.[name]?.password
    const secret = named === undefined ? '' : (secrets.get(named.secret) ?? '')
    const account = { access_key: username, access_secret: secret }
    if (action === 'create') {
      const credential = username === '' ? {} : { credential: { type: 'basic', ...account } }
      await harbor.send({
        method: 'POST',
        path: '/registries',
        body: { name, ...rest, ...credential },
        doing,
        needs: '`registry:create` of the system',
      })
    } else if (action === 'update') {
      const { type: _, ...changed } = rest
      const credential = username === '' ? {} : { credential_type: 'basic', ...(secret === '' ? { access_key: username } : account) }
      await harbor.send({ method: 'PUT', path, body: { name, ...changed, ...credential }, doing, needs: '`registry:update` of the system' })
    } else await harbor.send({ method: 'DELETE', path, doing, needs: '`registry:delete` of the system' })
  },
  exported: (found) =>
    found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, exportedOf(name, value)])),
}

/** All registries that Harbor knows; only administrators may ask. */
export async function listRegistries(harbor: Harbor): Promise<readonly WireRegistry[]> {
  return allPages(
    harbor,
    { method: 'GET', path: '/registries', doing: 'list the registries', needs: '`registry:list` of the system' },
    wireRegistry,
  )
}

/** The number that Harbor knows a registry by. @throws SW-HARBOR-PROJECT-REFERENCE */
export async function registryNumber(harbor: Harbor, name: string): Promise<number> {
  const registry = (await listRegistries(harbor)).find((one) => one.name === name)
  if (registry !== undefined) return registry.id
  throw harborProjectReference(`Harbor has no registry ${JSON.stringify(name)}, which the file names.`)
}

function shapeOf({ type, url, insecure, credential, description }: WireRegistry): Value {
  return {
    type: type ?? '',
    url: addressOf(url ?? ''),
    insecure: insecure ?? false,
    username: credential?.access_key ?? '',
    description: description ?? '',
  }
}

/** As Harbor keeps it: without slashes at its end, the host in lower case. */
function addressOf(url: string): string {
  let end = url.length
  while (url[end - 1] === '/') end -= 1
  return url.slice(0, end).replace(/^[^:]+:\/\/[^/]+/, (host) => host.toLowerCase())
}

function exportedOf(name: string, value: Value): Value {
  const kept = filled(value)
  if (!isMap(kept) || kept['username'] === undefined) return kept
  return { ...kept, password: { secret: `${name.replaceAll(/\W+/g, '_').toUpperCase().slice(0, 80)}_PASSWORD` } }
}
