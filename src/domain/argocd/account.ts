import type { Argo } from './client.ts'
import { argocdLogin } from './errors.ts'
import { permission, userInfo } from './inspect-schema.ts'

/** Who Argo CD takes us for. */
export interface ArgoAccount {
  /** An account’s name, `proj:PROJECT:ROLE`, or the subject of an identity token. */
  readonly name: string
  /** `argocd` for its own accounts. */
  readonly issuer: string
  readonly groups: readonly string[]
}

/**
 * Asks who we are. To whoever has a token that it does not take Argo CD answers 200 and "nobody"; only a question that needs a right is
 * answered by 401, and leads to another token. Throws SW-ARGOCD-LOGIN.
 */
export async function accountOf(argo: Argo): Promise<ArgoAccount> {
  const first = await userInfoOf(argo)
  if (first.loggedIn !== true) await canI(argo, 'applications', 'get', '*/*')
  const info = first.loggedIn === true ? first : await userInfoOf(argo)
  if (info.loggedIn !== true) throw argocdLogin(`Argo CD at ${argo.server.base} takes this run for nobody.`)
  return { name: info.username ?? '', issuer: info.iss ?? '', groups: info.groups ?? [] }
}

function userInfoOf(argo: Argo) {
  return argo.read({ method: 'GET', path: '/session/userinfo', doing: 'tell who we are' }, userInfo)
}

/** Whether the account may: `canI(argo, 'applications', 'sync', 'default/web')`. */
async function canI(argo: Argo, resource: string, action: string, object: string): Promise<boolean> {
  const path = `/account/can-i/${[resource, action].map((part) => encodeURIComponent(part)).join('/')}/${object
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')}`
  return (await argo.read({ method: 'GET', path, doing: `tell whether we may ${action} ${resource}` }, permission)).value === 'yes'
}
