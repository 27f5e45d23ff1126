/** A repository as Harbor has it: the first part of its name is its project. */
export interface HarborRepository {
  readonly project: string
  /** Without the project, with slashes: `app`, `deep/er/app`. */
  readonly name: string
}

/** `team/deep/app` in its parts; undefined when it has but one, which Harbor has no place for. */
export function splitRepository(path: string): HarborRepository | undefined {
  const slash = path.indexOf('/')
  return slash < 1 || slash === path.length - 1 ? undefined : { project: path.slice(0, slash), name: path.slice(slash + 1) }
}

export function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`
}

/** Encoded twice: Harbor decodes once to find the route, and once more to find the repository. */
export function repositoryPath({ project, name }: HarborRepository): string {
  return `${projectPath(project)}/repositories/${encodeURIComponent(encodeURIComponent(name))}`
}

/** By tag or digest. */
export function artifactPath(repository: HarborRepository, reference: string): string {
  return `${repositoryPath(repository)}/artifacts/${encodeURIComponent(reference)}`
}
