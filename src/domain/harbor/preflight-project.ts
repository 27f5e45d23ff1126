import { formatBytes } from '../../base/bytes.ts'
import type { Harbor } from './client.ts'
import { harborDenied, harborImmutable, harborQuota, harborScanner } from './errors.ts'
import { immutableTags } from './images.ts'
import type { HarborRepository } from './paths.ts'
import { fail, type HarborCheck, type HarborPlan, pass, unknown, warn } from './preflight-check.ts'
import { projectIfSeen, quotaOf, repositoriesIfSeen, scannerOf } from './projects.ts'
import { findRobot, type RobotHome } from './robots/robots.ts'

/** Whether a project has room: for what comes, or before a build for anything at all. */
export async function quotaCheck(harbor: Harbor, { project }: HarborRepository, sizeOf: HarborPlan['size']): Promise<HarborCheck> {
  const { limit, used } = await quotaOf(harbor, project)
  if (limit === undefined || used === undefined) return unknown('quota', 'the account may not see it: project:read and quota:read')
  if (limit < 0) return pass('quota', `no limit, ${formatBytes(used)} used`)
  const seen = (size?: number): string =>
    `${formatBytes(used)} of ${formatBytes(limit)} used${size === undefined ? '' : `, ${formatBytes(size)} to come`}`
  const full = (size?: number): HarborCheck => fail('quota', harborQuota, `${seen(size)}: delete old images or raise the quota`)
  if (sizeOf === undefined) return used >= limit ? full() : pass('quota', seen())
  const most = await sizeOf([])
  if (most === 0 || used + most <= limit) return pass('quota', seen(most))
  // Above the limit Harbor begins no upload at all; below, what another repository of the project has is counted already, in `used`.
  const others = used > limit || most > limit ? [] : await repositoriesIfSeen(harbor, project)
  if (others === undefined) return warn('quota', `${seen(most)}: too much, unless other repositories of the project have a part of it`)
  const size = others.length === 0 ? most : await sizeOf(others)
  return size === 0 || used + size <= limit ? pass('quota', seen(size)) : full(size)
}

/** A tag that is there, immutable and names another image cannot be set. Before a build it may be the same image once more. */
export async function tagsCheck(harbor: Harbor, repository: HarborRepository, { tags = [], digest }: HarborPlan): Promise<HarborCheck> {
  const held = await immutableTags(harbor, repository, tags)
  if (held === undefined) return unknown('tags', 'the account may not see them: artifact:read')
  const others = held.filter((one) => one.digest !== digest).map(({ tag }) => tag)
  if (others.length > 0 && digest === undefined)
    return warn('tags', `${others.join(', ')}: there already, and immutable: only the same image again can be pushed`)
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

/** When the robot that asks will expire: few robots may list themselves. */
export async function expiryCheck(
  harbor: Harbor,
  { project }: HarborRepository,
  { username = '', now, within }: Expiring,
): Promise<HarborCheck> {
  const [, owner, name] = /^robot\$(?:([^+]+)\+)?([^+]+)$/.exec(username) ?? []
  const notSeen = unknown('expiry', 'the account may not see when it expires: robot:list')
  if (name === undefined) return unknown('expiry', 'robots have another prefix in this Harbor')
  const home = owner === undefined ? ({ level: 'system' } as const) : await homeOf(harbor, owner)
  if (home === undefined || (owner !== undefined && owner !== project)) return notSeen
  try {
    const robot = await findRobot(harbor, home, name)
    if (robot === undefined) return notSeen
    if (robot.expires === undefined) return pass('expiry', 'never')
    const day = new Date(robot.expires).toISOString().slice(0, 10)
    const soon = robot.expires - now < within
    return soon ? warn('expiry', `the robot expires on ${day}: rotate it`) : pass('expiry', `on ${day}`)
  } catch (error) {
    if (harborDenied.is(error)) return notSeen
    throw error
  }
}

async function homeOf(harbor: Harbor, name: string): Promise<RobotHome | undefined> {
  const project = await projectIfSeen(harbor, name)
  return project === undefined ? undefined : { level: 'project', project }
}
