import { TaskError } from '../../base/errors.ts'
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
  if (login.account === 'cli') return [...first, rightsCheck(await registryActions(harbor, plan.repository, clock)), ...untold(plan)]
  const mayMake = plan.createProject === true && first.every(({ verdict }) => verdict !== 'fail')
  const { check: project, state } = await projectCheck(harbor, repository, { ...plan, mayMake })
  if (state === 'none') return [...first, project]
  const rights = rightsCheck(await registryActions(harbor, plan.repository, clock), state)
  // What is there already, only who may pull can see.
  const size = rights.verdict === 'pass' ? plan.size : undefined
  const expiry = { username, now: clock.now(), within: plan.expiry ?? week }
  return [
    ...[...first, project, rights],
    ...(login.account.kind === 'robot' ? [await asked('expiry', () => expiryCheck(harbor, repository, expiry))] : []),
    await asked('quota', () => quotaCheck(harbor, repository, size)),
    await asked('tags', () => tagsCheck(harbor, repository, plan)),
    ...(plan.scan === true ? [await asked('scanner', () => scannerCheck(harbor, repository))] : []),
  ]
}

/** What cannot be asked is not known: that a part of the API is down stops no push. */
async function asked(name: HarborCheck['name'], ask: () => Promise<HarborCheck>): Promise<HarborCheck> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return unknown(name, `could not be asked: ${error.message}`)
  }
}

/** The API does not know who comes with the CLI secret of an OIDC account. */
function untold({ scan }: HarborPlan): readonly HarborCheck[] {
  const names = ['project', 'quota', 'tags', ...(scan === true ? (['scanner'] as const) : [])] as const
  return names.map((name) => unknown(name, 'the API does not know the account'))
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
    // Of a public project everybody's token may pull.
    if ((await registryActions(harbor, repository, clock)).includes('push'))
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

interface Place {
  readonly check: HarborCheck
  /** `none`: nothing else can be asked of it. */
  readonly state: 'there' | 'new' | 'none'
}

/** Made last, where nothing else is amiss. */
async function projectCheck(
  harbor: Harbor,
  { project }: HarborRepository,
  { createProject = false, mayMake }: HarborPlan & { readonly mayMake: boolean },
): Promise<Place> {
  const none = (check: HarborCheck): Place => ({ check, state: 'none' })
  if (await hasProject(harbor, project)) {
    const seen = await projectIfSeen(harbor, project)
    if (seen?.isProxy === true) return none(fail('project', harborDenied, `${project} is a proxy cache, which takes no push`))
    const wants = [
      ...(seen?.wantsCosign === true ? ['a signature of cosign'] : []),
      ...(seen?.wantsNotation === true ? ['a signature of notation'] : []),
      ...(seen?.blocksFrom === undefined ? [] : [`nothing ${seen.blocksFrom} or worse`]),
    ]
    const check = pass('project', `${project} exists${wants.length === 0 ? '' : `, and wants for a pull ${wants.join(' and ')}`}`)
    return { check, state: 'there' }
  }
  if (!createProject) return none(fail('project', harborProjectMissing, `there is no project ${project}: create it, or set create-project`))
  if (!mayMake) return none(unknown('project', `there is no project ${project}: it is made where nothing else is amiss`))
  if (await createPlainProject(harbor, project)) return { check: pass('project', `${project} was created, private`), state: 'new' }
  const denied = `there is no project ${project}, and the account may not create it: project:create of the system`
  return none(fail('project', harborDenied, denied))
}

/** Of a project that was made just now Harbor may tell nothing for a while. */
function rightsCheck(actions: Answer<typeof registryActions>, state: Place['state'] = 'there'): HarborCheck {
  const lacking = (['pull', 'push'] as const).filter((action) => !actions.includes(action))
  if (lacking.length === 0) return pass('rights', 'may pull and push')
  if (state === 'new' && actions.length === 0) return unknown('rights', 'Harbor does not tell yet, the project is new')
  const needed = lacking.map((action) => `repository:${action}`).join(' and ')
  return fail('rights', harborDenied, `may not ${lacking.join(' and ')}: give the robot ${needed}`)
}
