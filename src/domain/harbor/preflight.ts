import { formatBytes } from '../../base/bytes.ts'
import { connectHarbor, type Harbor, type HarborOptions, type HarborPorts } from './client.ts'
import { immutableTags } from './images.ts'
import { accountOf, registryActions, systemOf } from './login.ts'
import { type HarborRepository, splitRepository } from './paths.ts'
import { hasProject, quotaOf, scannerOf } from './projects.ts'

/** What is to be done to a repository in Harbor. */
export interface HarborPlan extends HarborOptions {
  /** With its project: `team/app`. */
  readonly repository: string
  /** Tags that are to be set. */
  readonly tags?: readonly string[]
  /** Bytes that come new, at most. Default 0. */
  readonly size?: number
  /** Whether Harbor is to scan. Default false. */
  readonly scan?: boolean
}

/** `unknown`: Harbor does not tell this account, so it may still fail. */
export interface HarborCheck {
  readonly name: 'login' | 'writable' | 'project' | 'rights' | 'quota' | 'tags' | 'scanner'
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** What was seen, and for a failure what to do. */
  readonly message: string
}

/**
 * Looks before a build whether what comes after it can be done at all. Nothing is changed; all faults are told at once, but for a
 * login that fails, without which nothing can be known. Throws SW-HARBOR-LOGIN and the errors of HTTP.
 */
export async function preflightHarbor(plan: HarborPlan, ports: HarborPorts): Promise<readonly HarborCheck[]> {
  const harbor = connectHarbor(plan, ports)
  const repository = splitRepository(plan.repository)
  if (repository === undefined) return [fail('project', `${JSON.stringify(plan.repository)} names no project, expected project/repository`)]
  const account = plan.credential === undefined ? undefined : await accountOf(harbor)
  const { version, isReadOnly } = await systemOf(harbor)
  const login =
    account === undefined ? 'nobody is logged in' : `a ${account.kind} at Harbor ${version ?? 'of a version that it does not tell'}`
  const checks = [account === undefined ? fail('login', login) : pass('login', login)]
  checks.push(isReadOnly ? fail('writable', 'Harbor is in read-only mode: nothing can be pushed') : pass('writable', 'it takes changes'))
  if (account === undefined) return checks
  if (!(await hasProject(harbor, repository.project)))
    return [...checks, fail('project', `there is no project ${repository.project}: create it`)]
  return [
    ...[...checks, pass('project', `${repository.project} exists`)],
    ...[await rightsCheck(harbor, plan, ports), await quotaCheck(harbor, repository, plan), await tagsCheck(harbor, repository, plan)],
    ...(plan.scan === true ? [await scannerCheck(harbor, repository)] : []),
  ]
}

async function rightsCheck(harbor: Harbor, { repository }: HarborPlan, { clock }: HarborPorts): Promise<HarborCheck> {
  const actions = await registryActions(harbor, repository, clock)
  const lacking = (['pull', 'push'] as const).filter((action) => !actions.includes(action))
  if (lacking.length === 0) return pass('rights', 'may pull and push')
  return fail('rights', `may not ${lacking.join(' and ')}: give the robot ${lacking.map((action) => `repository:${action}`).join(' and ')}`)
}

async function quotaCheck(harbor: Harbor, { project }: HarborRepository, { size = 0 }: HarborPlan): Promise<HarborCheck> {
  const { limit, used } = await quotaOf(harbor, project)
  if (limit === undefined || used === undefined) return unknown('quota', 'the account may not see it: project:read and quota:read')
  if (limit < 0) return pass('quota', `no limit, ${formatBytes(used)} used`)
  const seen = `${formatBytes(used)} of ${formatBytes(limit)} used, ${formatBytes(size)} to come`
  return used + size > limit ? fail('quota', `${seen}: delete old images or raise the quota`) : pass('quota', seen)
}

async function tagsCheck(harbor: Harbor, repository: HarborRepository, { tags = [] }: HarborPlan): Promise<HarborCheck> {
  const held = await immutableTags(harbor, repository, tags)
  if (held === undefined) return unknown('tags', 'the account may not see them: artifact:read')
  return held.length === 0 ? pass('tags', 'none is immutable') : fail('tags', `${held.join(', ')}: there already, and immutable`)
}

async function scannerCheck(harbor: Harbor, { project }: HarborRepository): Promise<HarborCheck> {
  const scanner = await scannerOf(harbor, project)
  if (scanner === undefined) return unknown('scanner', 'the account may not see it: scanner:read')
  if (scanner === 'none') return fail('scanner', 'none is registered')
  const isWell = !scanner.disabled && scanner.health !== 'unhealthy'
  return isWell
    ? pass('scanner', `${scanner.name}, ${scanner.health}`)
    : fail('scanner', `${scanner.name} is ${scanner.disabled ? 'disabled' : scanner.health}`)
}

const verdict =
  (given: HarborCheck['verdict']) =>
  (name: HarborCheck['name'], message: string): HarborCheck => ({ name, verdict: given, message })
const [pass, fail, unknown] = [verdict('pass'), verdict('fail'), verdict('unknown')]
