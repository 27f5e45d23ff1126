import * as v from 'valibot'
import type { Clock } from '../../spec/ports.ts'
import type { Harbor } from './client.ts'
import { harborStrange } from './errors.ts'
import { currentUser, systemInfo, tokenAnswer, tokenClaims } from './schema.ts'
import { type Capabilities, capabilitiesOf } from './version.ts'

/** Who Harbor takes us for. */
export type HarborAccount =
  | { readonly kind: 'user'; readonly name: string; readonly isAdmin: boolean }
  /** Harbor does not tell a robot its own name. */
  | { readonly kind: 'robot' }

export interface HarborSystem extends Capabilities {
  /** `v2.15.2-0d9f3c5a`; undefined for whoever is not logged in. */
  readonly version: string | undefined
  readonly isReadOnly: boolean
}

/**
 * Asks who we are: the one question that a wrong password cannot answer. The others (ping, systeminfo, a token, a public project)
 * are answered by 200 as for nobody. Throws SW-HARBOR-LOGIN.
 */
export async function accountOf(harbor: Harbor): Promise<HarborAccount> {
  const answer = await harbor.send({ method: 'GET', path: '/users/current', doing: 'tell who we are', expect: [412] })
  if (answer.status === 412) return { kind: 'robot' }
  const { username, sysadmin_flag: isAdmin } = harbor.parse(answer, currentUser)
  return { kind: 'user', name: username, isAdmin }
}

/** Version and mode of a Harbor. */
export async function systemOf(harbor: Harbor): Promise<HarborSystem> {
  const info = await harbor.read({ method: 'GET', path: '/systeminfo', doing: 'tell its version' }, systemInfo)
  return { version: info.harbor_version, isReadOnly: info.read_only === true, ...capabilitiesOf(info.harbor_version) }
}

/** What the registry behind Harbor would let us do in a repository, as its token says. */
export type RegistryAction = 'pull' | 'push' | 'delete'

/**
 * Reads what a token grants. The token service answers 200 whatever it thinks of the account: a missing right, a project that is
 * not there, a wrong password and a locked user all look like no actions. One of them passes, so no actions is asked twice.
 */
export async function registryActions(harbor: Harbor, repository: string, clock: Clock): Promise<readonly RegistryAction[]> {
  const first = await grantedIn(harbor, repository)
  if (first.length > 0) return first
  await clock.sleep(2000)
  return grantedIn(harbor, repository)
}

async function grantedIn(harbor: Harbor, repository: string): Promise<readonly RegistryAction[]> {
  const query = { service: 'harbor-registry', scope: `repository:${repository}:pull,push` }
  const { token } = await harbor.read(
    { method: 'GET', path: '/service/token', query, doing: `give a token for ${repository}` },
    tokenAnswer,
  )
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const claims = v.safeParse(v.pipe(v.string(), v.parseJson(), tokenClaims), payload)
  if (!claims.success) throw harborStrange(`The token of ${harbor.origin} for ${repository} is not one of Harbor’s.`)
  const own = (claims.output.access ?? []).filter(({ name }) => name === repository)
  const actions = new Set(own.flatMap((one) => one.actions ?? []))
  return (['pull', 'push', 'delete'] as const).filter((action) => actions.has(action) || actions.has('*'))
}
