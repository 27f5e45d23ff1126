import type * as v from 'valibot'
import type { Harbor } from './client.ts'
import { harborRefused } from './errors.ts'
import { type HarborImage, nameOf } from './images.ts'
import { allPages } from './pages.ts'
import { artifactPath } from './paths.ts'
import { label, labelled } from './schema-labels.ts'

/**
 * Marks an image with labels by their names: of its project, else global ones; a name that is neither is made in the project. Those that
 * it has already stay. Read back at the end. Gives the names that came new. Throws SW-HARBOR-DENIED, SW-HARBOR-REFUSED.
 */
export async function addLabels(harbor: Harbor, image: HarborImage, names: readonly string[]): Promise<readonly string[]> {
  const { project, labels } = await readLabelled(harbor, image)
  const lacking = [...new Set(names)].filter((name) => !labels.includes(name))
  if (lacking.length === 0) return []
  const known = await knownLabels(harbor, project)
  for (const name of lacking) await add(harbor, image, known.get(name) ?? (await make(harbor, { project, name })))
  const after = await readLabelled(harbor, image)
  const lost = lacking.filter((name) => !after.labels.includes(name))
  if (lost.length === 0) return lacking
  throw harborRefused(`Harbor took the labels ${lost.join(', ')} for ${nameOf(image)} and does not show them.`)
}

async function readLabelled(harbor: Harbor, image: HarborImage): Promise<v.InferOutput<typeof labelled>> {
  const call = { method: 'GET', path: artifactPath(image.repository, image.digest), query: { with_label: 'true' } } as const
  return harbor.read({ ...call, doing: `show the labels of ${nameOf(image)}`, needs: '`artifact:read`' }, labelled)
}

/** Ids by name; one of the project goes before a global one of the same name. */
async function knownLabels(harbor: Harbor, project: number): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>()
  for (const query of [{ scope: 'g' }, { scope: 'p', project_id: String(project) }]) {
    const call = { method: 'GET', path: '/labels', query, doing: 'list the labels', needs: '`label:list`' } as const
    for (const { id, name } of await allPages(harbor, call, label)) ids.set(name, id)
  }
  return ids
}

/** Another run may have been faster. */
async function make(harbor: Harbor, { project, name }: { readonly project: number; readonly name: string }): Promise<number> {
  const call = { method: 'POST', path: '/labels', body: { name, scope: 'p', project_id: project } } as const
  await harbor.send({ ...call, doing: `make the label ${name}`, needs: '`label:create`', expect: [409] })
  const id = (await knownLabels(harbor, project)).get(name)
  if (id !== undefined) return id
  throw harborRefused(`Harbor at ${harbor.origin} made the label ${name} and does not list it.`)
}

async function add(harbor: Harbor, image: HarborImage, id: number): Promise<void> {
  const path = `${artifactPath(image.repository, image.digest)}/labels`
  const call = { method: 'POST', path, body: { id }, doing: `label ${nameOf(image)}`, needs: '`artifact-label:create`' } as const
  await harbor.send({ ...call, expect: [409] })
}
