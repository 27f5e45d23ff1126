import { type ApplicationId, type Choice, idOf, listApplications } from './applications.ts'
import type { Argo } from './client.ts'
import { argocdSettings } from './errors.ts'
import { argocdNone } from './errors-sync.ts'

export interface Selection extends Choice {
  /** `web`, or `namespace/web` for one outside Argo CD's own namespace. */
  readonly names: readonly string[]
}

/** Of Kubernetes: a DNS subdomain (RFC 1123). Any other is no application, and `..` would lead elsewhere in an address. */
const nameShape = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const longestName = 253

/** The applications that are meant, by name or by labels. @throws SW-ARGOCD-NONE, SW-ARGOCD-SETTINGS */
export async function selectApplications(argo: Argo, { names, ...choice }: Selection): Promise<readonly ApplicationId[]> {
  const { selector, projects = [], namespace } = choice
  // Several projects do not say which of them a name is in.
  const project = projects.length === 1 ? projects[0] : undefined
  const named = [...new Set(names)].map((text): ApplicationId => {
    const slash = text.indexOf('/')
    const own = slash === -1 ? namespace : text.slice(0, slash)
    const name = text.slice(slash + 1)
    if (!isName(name) || (own !== undefined && !isName(own))) throw notNamed(own === undefined ? name : `${own}/${name}`)
    return { name, project, ...(own === undefined ? {} : { namespace: own }) }
  })
  if (selector === undefined) return named
  const found = await listApplications(argo, choice, 'summary')
  if (found.length === 0) throw argocdNone(`No application has the labels ${JSON.stringify(selector)}${inProjects(projects)}.`)
  return [...named, ...found.map(idOf)]
}

function isName(text: string): boolean {
  return text.length <= longestName && nameShape.test(text)
}

function notNamed(text: string): Error {
  return argocdSettings(`No application is called ${JSON.stringify(text.slice(0, longestName))}.`, {
    hint: 'Expected name or namespace/name, of small letters, digits, dots and hyphens.',
  })
}

function inProjects(projects: readonly string[]): string {
  return projects.length === 0 ? '' : ` in ${projects.length === 1 ? 'the project' : 'the projects'} ${projects.join(', ')}`
}
