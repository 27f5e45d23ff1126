import type { Harbor, HarborCall } from '../client.ts'
import { harborRefused } from '../errors.ts'
import { allPages } from '../pages.ts'
import { type HarborRobot, inOrder, type RobotScope, robot, robotMade } from './schema.ts'

/** Where robots belong: a project, by its id and name, or the whole of Harbor. */
export type RobotHome =
  | { readonly level: 'system' }
  | { readonly level: 'project'; readonly project: { readonly id: number; readonly name: string } }

export interface NewRobot {
  /** Without prefix and project: `ci`. */
  readonly name: string
  readonly level: 'project' | 'system'
  readonly description: string
  /** Days; -1 for ever. */
  readonly duration: number
  readonly scopes: readonly RobotScope[]
}

/** A robot as it was made: the one time that its secret is told. */
export interface MadeRobot {
  readonly id: number
  /** With Harbor's prefix and the project: `robot$team+ci`. */
  readonly name: string
  readonly secret: string
  /** Milliseconds since 1970; undefined for never. */
  readonly expires: number | undefined
}

/** What may change of a robot; its name and level may not. */
export type RobotChange = Partial<Pick<HarborRobot, 'description' | 'duration' | 'isDisabled' | 'scopes'>>

/** All robots of one place. Throws SW-HARBOR-DENIED to whoever may not list them. */
export async function listRobots(harbor: Harbor, home: RobotHome): Promise<readonly HarborRobot[]> {
  return allPages(harbor, listing(home, []), robot)
}

/** The robot of a name, without prefix and project; undefined when there is none. */
export async function findRobot(harbor: Harbor, home: RobotHome, name: string): Promise<HarborRobot | undefined> {
  const stored = home.level === 'project' ? `${home.project.name}+${name}` : name
  // Harbor decodes the value of `q` once more: a plus that comes as such would be a blank.
  const [found] = await allPages(harbor, listing(home, [`name=${encodeURIComponent(stored)}`]), robot)
  return found
}

function listing(home: RobotHome, terms: readonly string[]): HarborCall {
  const place = home.level === 'project' ? ['Level=project', `ProjectID=${home.project.id}`] : ['Level=system']
  const doing = home.level === 'project' ? `list the robots of ${home.project.name}` : 'list the robots of the system'
  return { method: 'GET', path: '/robots', query: { q: [...place, ...terms].join(',') }, doing, needs: '`robot:list`' }
}

export async function readRobot(harbor: Harbor, id: number): Promise<HarborRobot> {
  return harbor.read({ method: 'GET', path: `/robots/${id}`, doing: `show the robot ${id}`, needs: '`robot:read`' }, robot)
}

/** Makes a robot; its secret is Harbor's choice and told but here. Throws SW-HARBOR-CONFLICT when there is one of the name. */
export async function createRobot(harbor: Harbor, { name, level, description, duration, scopes }: NewRobot): Promise<MadeRobot> {
  const body = { name, level, description, duration, disable: false, permissions: scopes.map(wireOf) }
  const call = { method: 'POST', path: '/robots', body, doing: `make the robot ${name}`, needs: '`robot:create`' } as const
  const { expires_at: expires, ...made } = await harbor.read(call, robotMade)
  return { ...made, expires }
}

/**
 * Changes a robot, and reads back that it was changed: Harbor wants the whole of it. A new duration counts from its creation, not from
 * now. Throws SW-HARBOR-REFUSED when Harbor kept another state than it was told.
 */
export async function updateRobot(harbor: Harbor, before: HarborRobot, change: RobotChange): Promise<HarborRobot> {
  const wanted = { ...before, ...change, scopes: inOrder(change.scopes ?? before.scopes) }
  const { id, name, level, description, duration, isDisabled, scopes } = wanted
  const body = { id, name, level, description, duration, disable: isDisabled, permissions: scopes.map(wireOf) }
  const doing = `change the robot ${name}`
  await harbor.send({ method: 'PUT', path: `/robots/${id}`, body, doing, needs: '`robot:update`' })
  const after = await readRobot(harbor, id)
  const differs = (['description', 'duration', 'isDisabled', 'scopes'] as const).find((part) => !isSame(after[part], wanted[part]))
  if (differs === undefined) return after
  const seen = `${JSON.stringify(after[differs])}, expected ${JSON.stringify(wanted[differs])}`
  throw harborRefused(`Harbor said that it changed the robot ${name}, and kept its ${differs}: ${seen}.`)
}

/** Takes a robot out of use: from now on its secret is refused; what tokens it has live on for their 30 minutes. */
export async function disableRobot(harbor: Harbor, before: HarborRobot): Promise<HarborRobot> {
  return updateRobot(harbor, before, { isDisabled: true })
}

/** Deletes a robot; one that is gone already is deleted. */
export async function deleteRobot(harbor: Harbor, { id, name }: Pick<HarborRobot, 'id' | 'name'>): Promise<void> {
  const call = { method: 'DELETE', path: `/robots/${id}`, doing: `delete the robot ${name}`, needs: '`robot:delete`' } as const
  await harbor.send({ ...call, expect: [404] })
}

function wireOf({ kind, namespace, rights }: RobotScope) {
  const access = rights.map((right) => ({ resource: right.slice(0, right.indexOf(':')), action: right.slice(right.indexOf(':') + 1) }))
  return { kind, namespace, access }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
