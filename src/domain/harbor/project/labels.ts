import { allPages } from '../pages.ts'
import type { Found, Kind } from './kind.ts'
import { definedOf, filled, isMap } from './value.ts'
import { wireLabel } from './wire.ts'

/** Labels of a project: what artifacts of it may be marked with. */
export const labelsKind: Kind = {
  name: 'labels',
  startsEmpty: true,
  canRemove: () => true,
  wanted: ({ labels }) =>
    labels === undefined
      ? undefined
      : Object.entries(labels).map(([name, label]) => ({ name, value: definedOf(label ?? {}), path: ['labels', name] })),
  async read({ harbor, name, project }) {
    const query = { scope: 'p', project_id: String(project.id) }
    const call = { method: 'GET', path: '/labels', query, doing: `list the labels of ${name}`, needs: '`label:list`' } as const
    const labels = await allPages(harbor, call, wireLabel)
    return new Map(
      labels.map(({ id, name: label, color, description }) => [label, { id, value: { color, description } }] satisfies [string, Found]),
    )
  },
  async write({ harbor, name: project, project: { id } }, [{ action, name, after, found }]) {
    const body = { name, ...(isMap(after) ? after : {}), scope: 'p', project_id: id }
    const doing = `${action} the label ${name} of ${project}`
    const path = `/labels/${found?.id ?? 0}`
    if (action === 'create') await harbor.send({ method: 'POST', path: '/labels', body, doing, needs: '`label:create`' })
    else if (action === 'update') await harbor.send({ method: 'PUT', path, body, doing, needs: '`label:update`' })
    else await harbor.send({ method: 'DELETE', path, doing, needs: '`label:delete`' })
  },
  exported: (found) => (found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, filled(value)]))),
}
