import { formatBytes } from '../../base/bytes.ts'
import type { Harbor } from './client.ts'
import { harborDenied, harborImmutable, harborQuota, harborScanner } from './errors.ts'
import { immutableTags } from './images.ts'
import type { HarborRepository } from './paths.ts'
import { fail, type HarborCheck, type HarborPlan, pass, unknown, warn } from './preflight-check.ts'
import { projectIfSeen, quotaOf, scannerOf } from './projects.ts'
import { findRobot, type RobotHome } from './robots/robots.ts'

/** Whether a project has room: for what comes, or before a build for anything at all. */
export async function quotaCheck(
  harbor: Harbor,
  { project }: HarborRepository,
  sizeOf: (() => Promise<number>) | undefined,
): Promise<HarborCheck> {
  const { limit, used } = await quotaOf(harbor, project)
  if (limit === undefined || used === undefined) return unknown('quota', 'the account may not see it: project:read and quota:read')
  if (limit < 0) return pass('quota', `no limit, ${formatBytes(used)} used`)
  const size = await sizeOf?.()
  const seen = `${formatBytes(used)} of ${formatBytes(limit)} used${size === undefined ? '' : `, ${formatBytes(size)} to come`}`
  const isFull = size === undefined ? used >= limit : size > 0 && used + size > limit
  return isFull ? fail('quota', harborQuota, `${seen}: delete old images or raise the quota`) : pass('quota', seen)
}

/** A tag that is there, immutable and names another image cannot be set. */
export async function tagsCheck(harbor: Harbor, repository: HarborRepository, { tags = [], digest }: HarborPlan): Promise<HarborCheck> {
  const held = await immutableTags(harbor, repository, tags)
  if (held === undefined) return unknown('tags', 'the account may not see them: artifact:read')
  const others = held.filter((one) => one.digest !== digest).map(({ tag }) => tag)
  if (others.length > 0) return fail('tags', harborImmutable, `${others.join(', ')}: there already, and immutable`)
  return pass('tags', held.length === 0 ? 'none is immutable' : 'immutable, and in place')
}

export async function scannerCheck(harbor: Harbor, { project }: HarborRepository): Promise<HarborCheck> {
  const scanner = await scannerOf(harbor, project)
  if (scanner === undefined) return unknown('scanner', 'the account may not see it: scanner:read')
  if (scanner === 'none') return fail('scanner', harborScanner, 'none is registered')
  const isWell = !scanner.disabled && scanner.health !== 'unhealthy'
  return isWell
    ? pass('scanner', `${scanner.name}, ${scanner.health}`)
    : fail('scanner', harborScanner, `${scanner.name} is ${scanner.disabled ? 'disabled' : scanner.health}`)
}

interface Expiring {
  readonly username: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  readonly within: number
}

/** When the robot that asks will expire: few robots may list themselves. Nothing for people. */
export async function expiryCheck(
  harbor: Harbor,
  { project }: HarborRepository,
  { username = '', now, within }: Expiring,
): Promise<readonly HarborCheck[]> {
  const [, owner, name] = /^robot\$(?:([^+]+)\+)?([^+]+)$/.exec(username) ?? []
  if (name === undefined) return []
  const notSeen = unknown('expiry', 'the account may not see when it expires: robot:list')
  const home = owner === undefined ? ({ level: 'system' } as const) : await homeOf(harbor, owner)
  if (home === undefined || (owner !== undefined && owner !== project)) return [notSeen]
  try {
    const robot = await findRobot(harbor, home, name)
    if (robot === undefined) return [notSeen]
    if (robot.expires === undefined) return [pass('expiry', 'never')]
    const day = new Date(robot.expires).toISOString().slice(0, 10)
    const soon = robot.expires - now < within
    return [soon ? warn('expiry', `the robot expires on ${day}: rotate it`) : pass('expiry', `on ${day}`)]
  } catch (error) {
    if (harborDenied.is(error)) return [notSeen]
    throw error
  }
}

async function homeOf(harbor: Harbor, name: string): Promise<RobotHome | undefined> {
  const project = await projectIfSeen(harbor, name)
  return project === undefined ? undefined : { level: 'project', project }
}
