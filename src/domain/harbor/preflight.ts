import { connectHarbor, type Harbor, type HarborOptions, type HarborPorts } from './client.ts'
import { harborDenied, harborLogin, harborProjectMissing, harborReadOnly } from './errors.ts'
import { accountOf, type HarborAccount, type HarborSystem, registryActions, systemOf } from './login.ts'
import { type HarborRepository, splitRepository } from './paths.ts'
import { type Answer, fail, type HarborCheck, type HarborPlan, pass, unknown, warn } from './preflight-check.ts'
import { expiryCheck, quotaCheck, scannerCheck, tagsCheck } from './preflight-project.ts'
import { createPlainProject, hasProject, projectIfSeen } from './projects.ts'
import { parseVersion } from './version.ts'

const week = 7 * 86_400_000

/**
 * Looks before a build whether what comes after it can be done at all. Nothing is changed but a project that `createProject` asks for;
 * all that is amiss is told at once. Throws the errors of HTTP.
 */
export async function preflightHarbor(plan: HarborPlan & HarborOptions, ports: HarborPorts): Promise<readonly HarborCheck[]> {
  return checkHarbor(connectHarbor(plan, ports), plan, { clock: ports.clock, username: plan.credential?.username })
}

export interface Asking {
  readonly clock: HarborPorts['clock']
  /** Undefined for nobody. */
  readonly username: string | undefined
}

/** As {@link preflightHarbor}, of a Harbor that is at hand. */
export async function checkHarbor(harbor: Harbor, plan: HarborPlan, { clock, username }: Asking): Promise<readonly HarborCheck[]> {
  const repository = splitRepository(plan.repository)
  if (repository === undefined) {
    const named = `${JSON.stringify(plan.repository)} names no project, expected project/repository`
    return [fail('project', harborProjectMissing, named)]
  }
  const login = await loginOf(harbor, plan.repository, { clock, username })
  const system = await systemOf(harbor)
  const first = [login.check, versionCheck(system), writableCheck(system)]
  if (login.account === undefined) return first.filter(({ name }) => name !== 'version' || system.version !== undefined)
  const project = await projectCheck(harbor, repository, plan)
  if (project.verdict === 'fail') return [...first, project]
  const now = clock.now()
  const rights = rightsCheck(await registryActions(harbor, plan.repository, clock))
  // What is there already, only who may pull can see.
  const size = rights.verdict === 'pass' ? plan.size : undefined
  return [
    ...[...first, project, rights],
    ...(await expiryCheck(harbor, repository, { username, now, within: plan.expiry ?? week })),
    ...[await quotaCheck(harbor, repository, size), await tagsCheck(harbor, repository, plan)],
    ...(plan.scan === true ? [await scannerCheck(harbor, repository)] : []),
  ]
}

interface Login {
  readonly check: HarborCheck
  /** Undefined for whom Harbor does not know. */
  readonly account: HarborAccount | 'cli' | undefined
}

/** Where people log in by OIDC, their CLI secret is good for the registry and not for this API: then its token says who they are. */
async function loginOf(harbor: Harbor, repository: string, { clock, username }: Asking): Promise<Login> {
  if (username === undefined)
    return { check: fail('login', harborLogin, 'nobody is logged in: give username and password'), account: undefined }
  try {
    const account = await accountOf(harbor)
    return { check: pass('login', account.kind === 'robot' ? 'a robot' : `the user ${account.name}`), account }
  } catch (error) {
    if (!harborLogin.is(error)) throw error
    if ((await registryActions(harbor, repository, clock)).length > 0)
      return { check: unknown('login', 'known to the registry, not to the API: an OIDC secret?'), account: 'cli' }
    return { check: fail('login', harborLogin, `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`), account: undefined }
  }
}

function versionCheck({ version }: HarborSystem): HarborCheck {
  const [major = 0, minor = 0] = parseVersion(version) ?? []
  if (version === undefined || major === 0) return unknown('version', 'Harbor does not tell this account')
  return major === 2 && minor >= 12 ? pass('version', version) : warn('version', `${version}, known are 2.12 to 2.15`)
}

function writableCheck({ isReadOnly }: HarborSystem): HarborCheck {
  return isReadOnly
    ? fail('writable', harborReadOnly, 'Harbor is in read-only mode: nothing can be pushed')
    : pass('writable', 'it takes changes')
}

async function projectCheck(harbor: Harbor, { project }: HarborRepository, { createProject = false }: HarborPlan): Promise<HarborCheck> {
  if (await hasProject(harbor, project)) {
    const seen = await projectIfSeen(harbor, project)
    if (seen?.isProxy === true) return fail('project', harborDenied, `${project} is a proxy cache, which takes no push`)
    const wants = [
      ...(seen?.wantsCosign === true ? ['a signature of cosign'] : []),
      ...(seen?.wantsNotation === true ? ['a signature of notation'] : []),
      ...(seen?.blocksFrom === undefined ? [] : [`nothing ${seen.blocksFrom} or worse`]),
    ]
    return pass('project', `${project} exists${wants.length === 0 ? '' : `, and wants for a pull ${wants.join(' and ')}`}`)
  }
  if (!createProject) return fail('project', harborProjectMissing, `there is no project ${project}: create it, or set create-project`)
  return (await createPlainProject(harbor, project))
    ? pass('project', `${project} was created, private`)
    : fail('project', harborDenied, `there is no project ${project}, and the account may not create it: project:create of the system`)
}

function rightsCheck(actions: Answer<typeof registryActions>): HarborCheck {
  const lacking = (['pull', 'push'] as const).filter((action) => !actions.includes(action))
  if (lacking.length === 0) return pass('rights', 'may pull and push')
  const needed = lacking.map((action) => `repository:${action}`).join(' and ')
  return fail('rights', harborDenied, `may not ${lacking.join(' and ')}: give the robot ${needed}`)
}
