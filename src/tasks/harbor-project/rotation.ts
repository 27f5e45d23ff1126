import { messageOf, TaskError } from '../../base/errors.ts'
import type { Harbor } from '../../domain/harbor/client.ts'
import { harborMissing } from '../../domain/harbor/errors.ts'
import { findProject } from '../../domain/harbor/project/calls.ts'
import type { ReadFile } from '../../domain/harbor/project/file.ts'
import type { RobotMaker } from '../../domain/harbor/project/kind.ts'
import type { RobotHome } from '../../domain/harbor/robots/robots.ts'
import { dayOf } from '../../domain/harbor/robots/rotation/plan.ts'
import { planned, type Rotation, rotateRobot } from '../../domain/harbor/robots/rotation/rotate.ts'
import { type RobotSettings, robotTerms, rotationTerms } from '../../domain/harbor/robots/settings.ts'
import { openStore } from '../../domain/secretstore/target.ts'
import type { Context } from '../../spec/define.ts'

/** What rotation did to a robot of the file, or would do. */
export interface RotatedRobot {
  readonly project: string
  readonly robot: string
  /** Undefined when it stays as it is. */
  readonly why: string | undefined
  /** Names as Harbor shows them; of the one that would be made, undefined. */
  readonly made: string | undefined
  readonly disabled: readonly string[]
  readonly removed: readonly string[]
  /** Last day of the one in use; undefined for never or where there is none. */
  readonly until: string | undefined
  readonly failure?: unknown
}

export interface RotationRequest {
  readonly harbor: Harbor
  readonly read: ReadFile
  /** `project/robot` of those to replace whatever time they have left, or `all`. */
  readonly now: readonly string[]
}

/** What rotation would do to the robots of a file that say who keeps their secret. */
export async function planRotations(request: RotationRequest, context: Context<never>): Promise<readonly RotatedRobot[]> {
  return forEachRobot(request, async ({ project, robot, settings, home, force }) => {
    // A project that is not there has no robots yet.
    if (home === undefined) return { ...stays(project, robot), why: 'there is none' }
    const rotation = { ...rotationOf(request.harbor, { home, robot, settings, force }), stores: [] }
    const { make, disable, remove, current } = await planned(rotation, context)
    const [disabled, removed] = [disable, remove].map((all) => all.map((one) => one.robot.name))
    return {
      ...stays(project, robot),
      why: make?.why,
      disabled: disabled ?? [],
      removed: removed ?? [],
      until: lastDay(current?.robot.expires),
    }
  })
}

/** Replaces those that are due, one after the other; a failure of one does not keep the others back. */
export async function rotateAll(request: RotationRequest, context: Context<never>): Promise<readonly RotatedRobot[]> {
  return forEachRobot(request, async ({ project, robot, settings, home, force }) => {
    try {
      if (home === undefined) throw harborMissing(`The project ${project} is not there.`, { hint: 'Make it first: `mode: apply`.' })
      const { made, why, disabled, removed, current } = await rotate(request, { home, robot, settings, force }, context)
      return { project, robot, why, made: made?.name, disabled, removed, until: lastDay(current.expires) }
    } catch (failure) {
      if (!(failure instanceof TaskError)) throw failure
      context.log.error('a robot was not rotated', { project, robot, why: messageOf(failure) })
      return { ...stays(project, robot), failure }
    }
  })
}

/** Makes a robot for `apply`, which hands its secret over by the same steps as rotation. */
export function robotMaker(request: RotationRequest, context: Context<never>): RobotMaker {
  return async (home, robot, settings) => void (await rotate(request, { home, robot, settings, force: false }, context))
}

interface Wanted {
  readonly home: RobotHome
  readonly robot: string
  readonly settings: RobotSettings
  readonly force: boolean
}

async function rotate({ harbor, read }: RotationRequest, wanted: Wanted, context: Context<never>) {
  const { http, clock, environment, files, progress } = context
  const around = { secrets: read.secrets, environment, workspace: files.workspace, http, clock }
  const targets = wanted.settings['secret-to'] ?? []
  const stores = await Promise.all(targets.map((target) => openStore(target, around)))
  return rotateRobot({ ...rotationOf(harbor, wanted), stores }, { ...context, doing: (what) => progress.doing(what) })
}

function rotationOf(harbor: Harbor, { home, robot, settings, force }: Wanted): Omit<Rotation, 'stores'> {
  const project = home.level === 'project' ? home.project.name : '*'
  return { harbor, home, base: robot, robot: robotTerms(project, settings), terms: rotationTerms(settings, force) }
}

interface One {
  readonly project: string
  readonly robot: string
  readonly settings: RobotSettings
  /** Undefined where the project is not there. */
  readonly home: RobotHome | undefined
  readonly force: boolean
}

async function forEachRobot(
  { harbor, read, now }: RotationRequest,
  work: (one: One) => Promise<RotatedRobot>,
): Promise<readonly RotatedRobot[]> {
  const done: RotatedRobot[] = []
  for (const [project, settings] of Object.entries(read.file.projects)) {
    const robots = Object.entries(settings?.robots ?? {}).filter(([, one]) => one['secret-to'] !== undefined)
    if (robots.length === 0) continue
    const found = await findProject(harbor, project)
    const home: RobotHome | undefined = found === undefined ? undefined : { level: 'project', project: { id: found.id, name: project } }
    for (const [robot, one] of robots)
      done.push(await work({ project, robot, settings: one, home, force: now.includes('all') || now.includes(`${project}/${robot}`) }))
  }
  return done
}

function stays(project: string, robot: string): RotatedRobot {
  return { project, robot, why: undefined, made: undefined, disabled: [], removed: [], until: undefined }
}

function lastDay(time: number | undefined): string | undefined {
  return time === undefined ? undefined : dayOf(time)
}
