import { harborProjectFixed } from './errors.ts'
import type { Kind } from './kind.ts'
import { listRegistries } from './registries.ts'

/** The registry that a project caches. It is said when the project is made, and never again. */
export const proxyCacheKind: Kind = {
  name: 'proxy-cache',
  wanted: ({ 'proxy-cache': name }) => (name === undefined ? undefined : [{ name: '', value: name, path: ['proxy-cache'] }]),
  async read({ harbor, project: { registryId } }) {
    if (registryId === undefined) return new Map()
    const registry = (await listRegistries(harbor)).find(({ id }) => id === registryId)
    return new Map([['', { value: registry?.name ?? `registry ${registryId}` }]])
  },
  write({ name }, [{ before, after }]) {
    const seen = before === undefined ? 'is no proxy cache' : `is a proxy cache of ${String(before)}`
    throw harborProjectFixed(`The project ${name} ${seen} in Harbor, and cannot become one of ${String(after)}.`)
  },
  exported: (found) => found.get('')?.value,
}
