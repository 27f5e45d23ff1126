import * as v from 'valibot'
import type { Harbor } from './client.ts'
import { harborDenied } from './errors.ts'
import { fewPages } from './pages.ts'
import { projectPath } from './paths.ts'
import { type HarborProject, harborTime, type ProjectScanner, project, projectScanner, projectSummary, scannerMetadata } from './schema.ts'

/** A project with its settings. Throws SW-HARBOR-DENIED, also when there is none: Harbor tells that to administrators only. */
export async function readProject(harbor: Harbor, name: string): Promise<HarborProject> {
  return harbor.read({ method: 'GET', path: projectPath(name), doing: `show the project ${name}`, needs: '`project:read`' }, project)
}

/** As {@link readProject}, undefined where the account may not see it. */
export async function projectIfSeen(harbor: Harbor, name: string): Promise<HarborProject | undefined> {
  const call = { method: 'GET', path: projectPath(name), doing: `show the project ${name}`, needs: '`project:read`' } as const
  const answer = await harbor.send({ ...call, expect: [401, 403, 404] })
  return answer.status === 200 ? harbor.parse(answer, project) : undefined
}

/** Makes a private project with Harbor's defaults; false when the account may not. One that somebody else has made meanwhile is fine. */
export async function createPlainProject(harbor: Harbor, name: string): Promise<boolean> {
  const body = { project_name: name, metadata: { public: 'false' } }
  const call = {
    method: 'POST',
    path: '/projects',
    body,
    doing: `make the project ${name}`,
    needs: '`project:create` of the system',
  } as const
  const { status } = await harbor.send({ ...call, expect: [401, 403, 409] })
  return status !== 401 && status !== 403
}

/** Whether a project exists; whoever is logged in may ask. */
export async function hasProject(harbor: Harbor, name: string): Promise<boolean> {
  const query = { project_name: name }
  const { status } = await harbor.send({ method: 'HEAD', path: '/projects', query, doing: `look for the project ${name}`, expect: [404] })
  return status !== 404
}

/** The repositories of a project, with its name; undefined where the account may not see them, and for more than a hundred. */
export async function repositoriesIfSeen(harbor: Harbor, name: string): Promise<readonly string[] | undefined> {
  const path = `${projectPath(name)}/repositories`
  const call = { method: 'GET', path, doing: `list the repositories of ${name}`, needs: '`repository:list`' } as const
  try {
    return (await fewPages(harbor, call, { item: v.object({ name: v.string() }), most: 1 }))?.map((one) => one.name)
  } catch (error) {
    if (harborDenied.is(error)) return undefined
    throw error
  }
}

/** Bytes that a project may take and takes; undefined when we may not know, and -1 for no limit. */
export async function quotaOf(harbor: Harbor, name: string): Promise<{ limit: number | undefined; used: number | undefined }> {
  const path = `${projectPath(name)}/summary`
  const answer = await harbor.send({
    method: 'GET',
    path,
    doing: `show the quota of ${name}`,
    needs: '`project:read` and `quota:read`',
    expect: [403],
  })
  return answer.status === 403 ? { limit: undefined, used: undefined } : harbor.parse(answer, projectSummary)
}

/** The scanner that a project's images are scanned by; `none` when there is none, undefined when we may not know. */
export async function scannerOf(harbor: Harbor, name: string): Promise<ProjectScanner | 'none' | undefined> {
  const path = `${projectPath(name)}/scanner`
  const answer = await harbor.send({
    method: 'GET',
    path,
    doing: `show the scanner of ${name}`,
    needs: '`scanner:read`',
    expect: [403, 404],
  })
  if (answer.status === 403) return undefined
  if (answer.status === 404 || answer.text.trim() === '') return 'none'
  return harbor.parse(answer, projectScanner)
}

/** When a scanner's vulnerability database was made, in milliseconds since 1970; undefined when it does not say or we may not know. */
export async function databaseDate(harbor: Harbor, { uuid }: Pick<ProjectScanner, 'uuid'>): Promise<number | undefined> {
  const path = `/scanners/${encodeURIComponent(uuid)}/metadata`
  // Only administrators may; a scanner that is down fails here, and will say so when it is asked to scan.
  const answer = await harbor.send({ method: 'GET', path, doing: 'describe the scanner', expect: [401, 403, 404, 500], idempotent: false })
  if (answer.status !== 200) return undefined
  const metadata = v.safeParse(v.pipe(v.string(), v.parseJson(), scannerMetadata), answer.text)
  const written = metadata.success ? metadata.output.properties?.['harbor.scanner-adapter/vulnerability-database-updated-at'] : undefined
  const time = v.safeParse(harborTime, written)
  return time.success ? time.output : undefined
}
