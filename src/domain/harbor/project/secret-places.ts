import type { StoreTarget } from '../../secretstore/target.ts'
import type { ProjectFile } from './schema.ts'

type Path = readonly (string | number)[]

/** Places that the secrets of several robots go to: each would write over the one before, also beside it under the same Harbor's name. */
export function sharedPlaces({ projects }: ProjectFile): readonly { readonly path: Path; readonly what: string }[] {
  const owners = new Map<string, string>()
  return targetsOf(projects).flatMap(({ owner, path, target }) => {
    const taken = placesOf(target).find((place) => owners.has(place))
    const other = owners.get(taken ?? '')
    for (const place of placesOf(target)) owners.set(place, owner)
    return other === undefined ? [] : [{ path, what: `is where the secret of ${other} goes, expected a place for each robot` }]
  })
}

function targetsOf(projects: ProjectFile['projects']): readonly { owner: string; path: Path; target: StoreTarget }[] {
  return Object.entries(projects).flatMap(([project, settings]) =>
    Object.entries(settings?.robots ?? {}).flatMap(([robot, one]) =>
      (one['secret-to'] ?? []).map((target, place) => {
        return { owner: `${project}/${robot}`, path: ['projects', project, 'robots', robot, 'secret-to', place], target }
      }),
    ),
  )
}

/** GitHub has no case in the names of owners, repositories and secrets. */
function placesOf(target: StoreTarget): readonly string[] {
  if ('github' in target) {
    const names = [target.name, ...(target['username-name'] === undefined ? [] : [target['username-name']])]
    const { github, environment = '', api = '' } = target
    return names.map((name) => JSON.stringify([api, github.toLowerCase(), environment.toLowerCase(), name.toLowerCase()]))
  }
  const { kubernetes, server = '', keys } = target
  const parts = keys === undefined ? ['.dockerconfigjson'] : [keys.username, keys.password]
  return parts.map((part) => JSON.stringify([server, kubernetes, part]))
}
