import { isLoopback } from '../../base/loopback.ts'
import { argocdSettings } from './errors.ts'

/** Where an Argo CD is: its origin, and the path before `/api`. */
export interface ArgoServer {
  /** `https://argocd.example.com:8443` */
  readonly origin: string
  /** Origin and path that it is served under (`--rootpath`), without a slash at its end. */
  readonly base: string
}

/**
 * Reads the address of an Argo CD; one without a scheme is https. Plain http only for this machine and for hosts in `insecureHosts`:
 * a token would go over it. Throws SW-ARGOCD-SETTINGS.
 */
export function serverOf(text: string, insecureHosts: readonly string[] = []): ArgoServer {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  if (url === null) throw refused(text, 'it is no address')
  if (url.username !== '' || url.password !== '')
    throw argocdSettings('The address of Argo CD has a user name or a password: give them by their own inputs.')
  if (url.search !== '' || url.hash !== '') throw refused(url.origin + url.pathname, 'it has a query or a fragment')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(text, `its scheme is ${url.protocol}`)
  const mayBePlain = isLoopback(url.host) || insecureHosts.some((host) => [url.host, url.hostname].includes(host.toLowerCase()))
  if (url.protocol === 'http:' && !mayBePlain) throw refused(url.origin, 'it is plain http, and a token would go over it', url.host)
  return { origin: url.origin, base: `${url.origin}${url.pathname.replace(/\/+$/, '')}` }
}

function refused(shown: string, why: string, host?: string): Error {
  const hint = host === undefined ? undefined : `Use https, or set SLIPWAY_INSECURE_HOSTS=${host}`
  // What cannot be read as an address may have a password in it all the same.
  const open = shown.replace(/^.*@/s, '***@').slice(0, 200)
  return argocdSettings(`The address of Argo CD ${JSON.stringify(open)} cannot be used: ${why}.`, { hint })
}

/** Where a person looks at an application. */
export function applicationUrl({ base }: ArgoServer, app: { readonly namespace: string; readonly name: string }): string {
  const path = app.namespace === '' ? [app.name] : [app.namespace, app.name]
  return `${base}/applications/${path.map((part) => encodeURIComponent(part)).join('/')}`
}
