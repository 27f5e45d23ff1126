import { harborDenied } from '../errors.ts'
import { deleteRobot, disableRobot, listRobots, type RobotHome, readRobot, updateRobot } from '../robots/robots.ts'
import type { HarborRobot } from '../robots/schema.ts'
import { currentOf, generationsOf, shortName } from '../robots/rotation/generation.ts'
import { robotTerms } from '../robots/settings.ts'
import { harborRobotUnkept } from './errors.ts'
import type { Found, Kind, ProjectPlace, Step, Value } from './kind.ts'
import { isMap } from './value.ts'

/**
 * Robots of a project: each stands for all its generations, and is the newest that is in use. One that is not there is made by rotation,
 * since its secret is told once and has to be kept by somebody.
 */
export const robotsKind: Kind = {
  name: 'robots',
  // Harbor does not tell a robot which one it is.
  canRemove: (_, { account }) => account.kind === 'user',
  wanted: ({ robots }) =>
    robots === undefined
      ? undefined
      : Object.entries(robots).map(([name, settings]) => {
          const { description, duration, scopes } = robotTerms('', settings)
          return { name, value: valueOf({ description, duration, rights: scopes.flatMap(({ rights }) => rights) }), path: ['robots', name] }
        }),
  async read(place) {
    const robots = await listRobots(place.harbor, homeOf(place))
    const bases = new Set(robots.map((robot) => shortName(robot).replace(/-g(?:[2-9]|[1-9]\d+)$/, '')))
    return new Map(
      [...bases].flatMap((base) => {
        const robot = currentOf(generationsOf(robots, base))?.robot
        return robot === undefined ? [] : [[base, foundOf(robot)] as const]
      }),
    )
  },
  async write(place, [step]) {
    if (step.action === 'create') return make(place, step)
    if (step.action === 'delete') return remove(place, step)
    const { description, duration, permissions } = Object(step.after)
    const scopes = [{ kind: 'project', namespace: place.name, rights: permissions }] as const
    const before = await readRobot(place.harbor, step.found?.id ?? 0)
    await updateRobot(place.harbor, before, { description, duration: duration === 'never' ? -1 : Number.parseInt(duration, 10), scopes })
  },
  exported: (found) => (found.size === 0 ? undefined : Object.fromEntries([...found].map(([name, { value }]) => [name, withoutEmpty(value)]))),
}
