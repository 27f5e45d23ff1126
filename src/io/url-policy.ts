import { isLoopbackHost, isPrivateHost } from './address.ts'
import { httpRefusedUrl } from './errors.ts'

export interface UrlPolicy {
  /** Hosts (`host` or `host:port`) that may be spoken to in plain http; this machine always may. */
  readonly insecureHosts: readonly string[]
  /** Hosts (`host` or `host:port`) that may be private though nobody set out to talk to them. */
  readonly allowPrivate: readonly string[]
  /** The origin that the caller named as its own choice: plain http is spoken to it when that is what it says. */
  readonly plainHome?: string
}

/** A URL that may be asked, and whether the host's addresses are still to be judged when it is resolved. */
export interface CheckedUrl {
  readonly url: URL
  readonly guarded: boolean
}

/** Judges a URL before anything is sent; `home` is the origin that the caller set out to talk to. */
export function checkUrl(text: string, home: string, policy: UrlPolicy): CheckedUrl {
  const url = URL.parse(text)
  if (url === null) throw refused(JSON.stringify(text.slice(0, 200)), 'it is not a URL', 'Give an absolute URL: https://host/path')
  const refuse = (why: string, hint: string): never => {
    throw refused(showUrl(url), why, hint)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`its scheme is ${url.protocol}`, 'Only https and http are spoken.')
  if (url.username !== '' || url.password !== '') refuse('it contains a user name or a password', 'Give credentials by their own inputs.')
  const trusted = url.origin === home || includesHost(policy.allowPrivate, url)
  if (!trusted && isPrivateHost(url.hostname)) {
    refuse(`${url.hostname} is a loopback, private or link-local address, and another than ${home} that was asked`, allowHint(url))
  }
  const mayBePlain = url.origin === policy.plainHome || isLoopbackHost(url.hostname) || includesHost(policy.insecureHosts, url)
  if (url.protocol === 'http:' && !mayBePlain) {
    refuse('it is plain http', `Use https, or set SLIPWAY_INSECURE_HOSTS=${url.host}`)
  }
  return { url, guarded: !trusted }
}

/** The error for a host whose name leads to a private address. */
export function privateAddressError(host: string, address: string): Error {
  return refused(host, `its name leads to the private address ${address}, and nobody asked for that server`, allowHint({ host }))
}

/** Origin and path; the values of a query may be signatures and are left out. */
export function showUrl(url: URL): string {
  const names = [...new Set(url.searchParams.keys())].map((name) => `${encodeURIComponent(name)}=…`)
  return `${url.origin}${url.pathname}${names.length === 0 ? '' : `?${names.join('&')}`}`
}

function includesHost(hosts: readonly string[], url: URL): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return hosts.some((host) => [url.hostname, `${url.hostname}:${port}`].includes(host.toLowerCase()))
}

function allowHint({ host }: { readonly host: string }): string {
  return `If ${host} is truly yours, set SLIPWAY_PRIVATE_HOSTS=${host}; else do not trust the server that named it.`
}

function refused(shown: string, why: string, hint: string): Error {
  return httpRefusedUrl(`Refused to ask ${shown}: ${why}.`, { hint })
}
