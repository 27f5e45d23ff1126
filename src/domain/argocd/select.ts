import { type ApplicationId, type Choice, idOf, listApplications } from './applications.ts'
import type { Argo } from './client.ts'
import { argocdNone } from './errors-sync.ts'

export interface Selection extends Choice {
  /** `web`, or `namespace/web` for one outside Argo CD's own namespace. */
  readonly names: readonly string[]
}

/** The applications that are meant, by name or by labels. @throws SW-ARGOCD-NONE */
export async function selectApplications(argo: Argo, { names, ...choice }: Selection): Promise<readonly ApplicationId[]> {
  const { selector, projects = [], namespace } = choice
  // Several projects do not say which of them a name is in.
  const project = projects.length === 1 ? projects[0] : undefined
  const named = [...new Set(names)].map((text): ApplicationId => {
    const slash = text.indexOf('/')
    const own = slash === -1 ? namespace : text.slice(0, slash)
    return { name: text.slice(slash + 1), project, ...(own === undefined ? {} : { namespace: own }) }
  })
  if (selector === undefined) return named
  const found = await listApplications(argo, choice, 'summary')
  if (found.length === 0) throw argocdNone(`No application has the labels ${JSON.stringify(selector)}${inProjects(projects)}.`)
  return [...named, ...found.map(idOf)]
}

function inProjects(projects: readonly string[]): string {
  return projects.length === 0 ? '' : ` in ${projects.length === 1 ? 'the project' : 'the projects'} ${projects.join(', ')}`
}
