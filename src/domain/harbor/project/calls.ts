import type { Harbor, HarborCall } from '../client.ts'
import { harborDenied } from '../errors.ts'
import { fewPages } from '../pages.ts'
import { projectPath } from '../paths.ts'
import { hasProject, quotaOf } from '../projects.ts'
import { listOf, type WireProject, wireProject, wireQuota } from './wire.ts'

/** What a project may store: bytes, -1 for no limit. The id only whoever may list quotas is told. */
export interface Quota {
  readonly storage: number
  readonly id: number | undefined
}

/** A project by its name; undefined when there is none. @throws SW-HARBOR-DENIED when there is one that we may not see */
export async function findProject(harbor: Harbor, name: string): Promise<WireProject | undefined> {
  const call: HarborCall = { method: 'GET', path: projectPath(name), doing: `show the project ${name}`, expect: [403, 404] }
  const answer = await harbor.send(call)
  if (answer.status === 200) return harbor.parse(answer, wireProject)
  // Only administrators are told that there is none.
  if (answer.status === 404 || !(await hasProject(harbor, name))) return undefined
  throw harborDenied(`Harbor answered 403 and does not show the project ${name}, which exists (request ${answer.requestId}).`, {
    hint: 'Give the account `project:read` in it, or the role of a project administrator.',
  })
}

/** The projects that Harbor lists to us, by name; none where one call for each of so many names is fewer. */
export async function listProjects(harbor: Harbor, names: number): Promise<ReadonlyMap<string, WireProject>> {
  const call = { method: 'GET', path: '/projects', query: { sort: 'name' }, doing: 'list the projects' } as const
  const found = await fewPages(harbor, call, { item: wireProject, most: names })
  return new Map(found?.map((one) => [one.name, one]))
}

/** All quotas by the id of their project; none for whoever may not list them, or where one call for each project is fewer. */
export async function listQuotas(harbor: Harbor, projects: number): Promise<ReadonlyMap<number, Quota>> {
  const call = { method: 'GET', path: '/quotas', query: { reference: 'project' }, doing: 'list the quotas' } as const
  const found = await fewPages(harbor, call, { item: wireQuota, most: projects }).catch((error: unknown) => {
    if (harborDenied.is(error)) return undefined
    throw error
  })
  return new Map(found?.flatMap(({ project, ...quota }) => (project === undefined ? [] : [[project, quota] as const])))
}

/** The quota of one project: from the list for whoever may see that, else as its summary shows it; undefined where neither is shown. */
export async function findQuota(harbor: Harbor, { id, name }: Pick<WireProject, 'id' | 'name'>): Promise<Quota | undefined> {
  const query = { reference: 'project', reference_id: String(id) }
  const answer = await harbor.send({ method: 'GET', path: '/quotas', query, doing: `show the quota of ${name}`, expect: [403] })
  const found = answer.status === 403 ? undefined : harbor.parse(answer, listOf(wireQuota)).find(({ project }) => project === id)
  if (found !== undefined) return found
  const { limit } = await quotaOf(harbor, name)
  return limit === undefined ? undefined : { storage: limit, id: undefined }
}
