import { inParallel } from '../../oci/parallel.ts'
import { findProject } from './calls.ts'
import { type Change, changeOf } from './change.ts'
import { converge, lostRace, type Subject } from './converge.ts'
import { createProject } from './create.ts'
import type { Place, ProjectPlace, Step } from './kind.ts'
import { kindsOfProject, kindsOfSystem } from './kinds.ts'
import { askedOf } from './look.ts'
import { atOnce, placeOf, projectChange, type Request, type Surveyed, survey } from './plan.ts'
import type { ProjectFile } from './schema.ts'

/** What was made of one project; with an error what is not among the changes was not done. */
export interface Applied {
  readonly project: string | undefined
  /** What was done, and what was so already. */
  readonly changes: readonly Change[]
  readonly error: unknown
}

/**
 * Makes Harbor as the file says, and reads back that it is so. What is so already is not written, so that a run that was broken off
 * goes on where it was, and runs beside each other end with the same. One project’s failure does not keep the others back.
 */
export async function applyProjects(request: Request): Promise<readonly Applied[]> {
  const place = await placeOf(request)
  const system = await applySystem(place, request)
  if (system.error !== undefined) return [system]
  const surveyed = await survey(place)
  const applied = new Map<string, Applied>()
  await inParallel(surveyed, atOnce, async (one) => {
    const changes: Change[] = []
    const error = await applyProject(one, { place, request, changes }).catch((failure: unknown) => failure)
    applied.set(one.name, { project: one.name, changes, error })
  })
  return [system, ...surveyed.flatMap(({ name }) => applied.get(name) ?? [])]
}

/** First what projects name: registries, and the rules by which images go there. */
async function applySystem(place: Place, { read, prune }: Request): Promise<Applied> {
  const changes: Change[] = []
  const tell: Subject<Place, ProjectFile>['tell'] = (kind, step) => void changes.push(changeOf(kind, step, { read, project: undefined }))
  const asked = askedOf(kindsOfSystem, place.file, place)
  const work = converge({ name: 'the system', asked, prune, tell, open: () => Promise.resolve(place) })
  const error = await work.then(() => undefined).catch((failure: unknown) => failure)
  return { project: undefined, changes, error }
}

interface Scene {
  readonly place: Place
  readonly request: Request
  readonly changes: Change[]
}

async function applyProject(one: Surveyed, scene: Scene): Promise<void> {
  const { name, settings } = one
  const { place, changes, request } = scene
  const { read, prune } = request
  let [isTold, isMade, isNew] = [false, false, false]
  const tellProject: typeof projectChange = (...given) => {
    const change = projectChange(...given)
    if (!isTold) changes.push(change)
    isTold = true
    return change
  }
  await converge<ProjectPlace, typeof settings>({
    ...{ name, prune, asked: askedOf(kindsOfProject, settings, place) },
    tell: (kind, step) => void changes.push(changeOf(kind, isMade ? madeOf(step) : step, { read, project: name })),
    async open(round) {
      const project = (round === 1 ? one.project : undefined) ?? (await findProject(place.harbor, name))
      if (project !== undefined) {
        tellProject(name, project, request)
        const wasNew = isNew
        isNew = false
        return { ...place, isNew: wasNew, name, project, quota: round === 1 ? one.quota : undefined }
      }
      const raced = await lostRace(() => createProject(place, one), [{ action: 'create' }])
      if (raced === undefined) tellProject(name, undefined, request)
      isNew = raced === undefined
      isMade ||= isNew
      return undefined
    },
  })
}

/** What is found as wanted in a project that we made came along with it. */
function madeOf(step: Step): Step {
  return step.action === 'unchanged' ? { ...step, action: 'create', before: undefined } : step
}
