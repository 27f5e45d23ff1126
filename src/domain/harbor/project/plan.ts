import { inParallel } from '../../oci/parallel.ts'
import type { Harbor } from '../client.ts'
import { accountOf } from '../login.ts'
import { findProject, listProjects, listQuotas, type Quota } from './calls.ts'
import { type Change, changeOf } from './change.ts'
import type { ReadFile } from './file.ts'
import type { KindName, Place, RobotMaker } from './kind.ts'
import { kindsOfProject, kindsOfSystem } from './kinds.ts'
import { askedOf, type Looked, lookAt, lookAtNothing } from './look.ts'
import type { ProjectSettings } from './schema.ts'
import type { WireProject } from './wire.ts'

/** What a file is held against. */
export interface Request {
  readonly read: ReadFile
  readonly harbor: Harbor
  /** Kinds of which what the file does not name is deleted, where it has the kind’s key. */
  readonly prune: ReadonlySet<KindName>
  /** Milliseconds since 1970. */
  readonly time: number
  readonly makeRobot?: RobotMaker | undefined
  /** Told of what `prune` leaves, once for each reading. */
  readonly leave?: Place['leave']
}

/** What a project is known as before anything of it is asked. */
export interface Surveyed {
  readonly name: string
  readonly settings: ProjectSettings
  readonly project: WireProject | undefined
  readonly quota: Quota | undefined
}

/** Projects that are worked on at the same time. */
export const atOnce = 8
/** From so many on lists are tried. */
const many = 5

/** All differences between the file and Harbor, in the order of the file. Nothing is changed. */
export async function planProjects(request: Request): Promise<readonly Change[]> {
  const place = await placeOf(request)
  const system = await lookAt(place, askedOf(kindsOfSystem, place.file, place), request.prune)
  const surveyed = await survey(place)
  const changes = new Map<string, readonly Change[]>()
  await inParallel(surveyed, atOnce, async (one) => {
    const asked = askedOf(kindsOfProject, one.settings, place)
    const project = one.project ?? (await findProject(place.harbor, one.name))
    const looked = project === undefined ? lookAtNothing(asked) : await lookAt({ ...place, ...one, project }, asked, request.prune)
    changes.set(one.name, [projectChange(one.name, project, request), ...changesOf(looked, { request, project: one.name })])
  })
  return [...changesOf(system, { request, project: undefined }), ...surveyed.flatMap(({ name }) => changes.get(name) ?? [])]
}

export async function placeOf({ harbor, read, time, makeRobot, leave }: Request): Promise<Place> {
  return { harbor, account: await accountOf(harbor), file: read.file, secrets: read.secrets, time, makeRobot, leave }
}

/** The projects of the file, with what lists tell of them: some calls for all instead of some for each. */
export async function survey({ harbor, file }: Place): Promise<readonly Surveyed[]> {
  const wanted = Object.entries(file.projects)
  const isMany = wanted.length >= many
  const withQuota = wanted.filter(([, settings]) => settings?.quota !== undefined).length
  const projects = isMany ? await listProjects(harbor, wanted.length) : new Map<string, WireProject>()
  const quotas = isMany && withQuota > 0 ? await listQuotas(harbor, withQuota) : new Map<number, Quota>()
  return wanted.map(([name, settings]) => {
    const project = projects.get(name)
    return { name, settings: settings ?? {}, project, quota: project === undefined ? undefined : quotas.get(project.id) }
  })
}

export function projectChange(name: string, found: WireProject | undefined, { read }: Pick<Request, 'read'>): Change {
  const there = found === undefined ? undefined : { value: 'there' }
  const action = found === undefined ? 'create' : 'unchanged'
  const step = { action, name: '', before: there?.value, after: 'there', found: there, path: [] } as const
  return { ...changeOf({ name: 'project' }, step, { read, project: name }), line: read.lineOf(['projects', name]) }
}

export function changesOf<P extends Place, S>(
  looked: readonly Looked<P, S>[],
  { request: { read }, project }: { readonly request: Pick<Request, 'read'>; readonly project: string | undefined },
): readonly Change[] {
  return looked.flatMap(({ kind, steps }) => steps.map((step) => changeOf(kind, step, { read, project })))
}
