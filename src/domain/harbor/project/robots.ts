import { deleteRobot, listRobots, type RobotHome, readRobot, updateRobot } from '../robots/robots.ts'
import { currentOf, generationsOf, shortName } from '../robots/rotation/generation.ts'
import { dayOf } from '../robots/rotation/plan.ts'
import type { HarborRobot, RobotScope } from '../robots/schema.ts'
import { type RobotSettings, robotTerms } from '../robots/settings.ts'
import { harborRobotUnkept } from './errors.ts'
import type { Found, Kind, ProjectPlace, Step } from './kind.ts'
import { filled, isMap } from './value.ts'

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
          return { name, value: asValue(description, duration, scopes), path: ['robots', name] }
        }),
  async read(place) {
    const robots = await listRobots(place.harbor, homeOf(place))
    const bases = new Set(robots.map((robot) => shortName(robot).replace(/-g(?:[2-9]|[1-9]\d+)$/, '')))
    return new Map(
      [...bases].flatMap((base) => {
        const all = generationsOf(robots, base)
        const isNamed = place.file.projects[place.name]?.robots?.[base] !== undefined
        // Of what the file names, one that is out of use is none; of the rest, it is there to be pruned.
        const robot = (currentOf(all) ?? (isNamed ? undefined : all.at(-1)))?.robot
        return robot === undefined ? [] : [[base, foundOf(robot, place)] as const]
      }),
    )
  },
  async write(place, [step]) {
    if (step.action === 'create') return make(place, step)
    if (step.action === 'delete') return remove(place, step)
    const robot = await readRobot(place.harbor, step.found?.id ?? 0)
    const settings = settingsOf(place, step)
    if (settings === undefined) return
    // The file has the whole of a robot, but the rights that it has elsewhere.
    const terms = robotTerms(place.name, settings)
    // Another takes the place of an expired one; where nobody would keep its secret, a longer life brings the same back.
    if (hasExpired(robot, place) && (settings['secret-to'] !== undefined || !wouldLive(robot, terms.duration, place)))
      return make(place, step)
    await updateRobot(place.harbor, robot, terms)
  },
  exported(found) {
    const inUse = [...found].flatMap(([name, { value }]) =>
      isMap(value) && value['disabled'] === undefined ? [[name, value] as const] : [],
    )
    const plain = inUse.map(
      ([name, value]) => [name, filled({ ...value, duration: String(value['duration']).split(',')[0] ?? '' })] as const,
    )
    return plain.length === 0 ? undefined : Object.fromEntries(plain)
  },
}

/** Where a project’s robots are listed. */
export function homeOf({ name, project: { id } }: Pick<ProjectPlace, 'name' | 'project'>): RobotHome {
  return { level: 'project', project: { id, name } }
}

async function make(place: ProjectPlace, step: Step): Promise<void> {
  const settings = settingsOf(place, step)
  if (settings === undefined) return
  if (settings['secret-to'] !== undefined && place.makeRobot !== undefined) return place.makeRobot(homeOf(place), step.name, settings)
  const state = step.action === 'create' ? 'is not there' : 'has expired'
  const message = `The robot ${step.name} of ${place.name} ${state}, and the file does not say who keeps its secret, which Harbor tells once.`
  throw harborRobotUnkept(message, { hint: `Give projects.${place.name}.robots.${step.name}.secret-to.` })
}

function settingsOf({ file, name }: ProjectPlace, step: Step): RobotSettings | undefined {
  return file.projects[name]?.robots?.[step.name]
}

/** With all its generations. */
async function remove(place: ProjectPlace, { name }: Step): Promise<void> {
  const generations = generationsOf(await listRobots(place.harbor, homeOf(place)), name)
  for (const { robot } of generations) await deleteRobot(place.harbor, robot)
}

/** The life of an expired one is told as over, which no file wants. */
function foundOf(robot: HarborRobot, place: Pick<ProjectPlace, 'time'>): Found {
  const { id, description, scopes, isDisabled, expires } = robot
  const { duration, ...rest } = asValue(description, robot.duration, scopes)
  const life = hasExpired(robot, place) ? `${duration}, expired on ${dayOf(expires ?? 0)}` : duration
  const value = { ...rest, duration: life }
  return { id, value: isDisabled ? { ...value, disabled: true } : value }
}

function hasExpired({ expires }: HarborRobot, { time }: Pick<ProjectPlace, 'time'>): boolean {
  return expires !== undefined && expires <= time
}

/** Harbor counts a new life from the creation, and counts anew only when it is another. */
function wouldLive({ created, duration }: HarborRobot, days: number, { time }: Pick<ProjectPlace, 'time'>): boolean {
  return days !== duration && (days === -1 || (created ?? 0) + days * 86_400_000 > time)
}

function asValue(description: string, days: number, scopes: readonly RobotScope[]) {
  const permissions = scopes.flatMap(({ rights }) => rights)
  return { permissions, description, duration: days === -1 ? 'never' : `${days}d` }
}
