import { createPrivateKey, X509Certificate } from 'node:crypto'
import { messageOf } from '../../base/errors.ts'
import { readText } from '../../io/files.ts'
import type { HttpRequest, Identity, Secrets } from '../../spec/ports.ts'
import type { ArgoPlace } from './ask.ts'
import { exchangeAtDex } from './auth/dex.ts'
import { openSession, sessionTokens } from './auth/session.ts'
import { tokenFile } from './auth/token-file.ts'
import { type ArgoTokens, fetchedToken, fixedToken } from './auth/tokens.ts'
import { type Argo, type ArgoPorts, connectArgo } from './client.ts'
import { argocdSettings } from './errors.ts'
import { serverOf } from './server.ts'

/** How a user says where Argo CD is and who the run is there. One of the ways to log in; with several the first of this order is taken. */
export interface ArgoSettings {
  /** `https://argocd.example.com/argo`, with the path it is served under. */
  readonly server: string
  /** The connector at Dex that an identity token of this run is exchanged by. */
  readonly connector?: string | undefined
  /** Of that identity token. */
  readonly audience?: string | undefined
  readonly token?: string | undefined
  /** Absolute. */
  readonly tokenFile?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** `name: value`, for proxies in front of it. */
  readonly headers?: readonly string[] | undefined
  /** Files with PEM, absolute: authorities; the certificate that a proxy asks for, and its key. */
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export interface ConnectionPorts extends ArgoPorts {
  readonly identity: Identity
  readonly secrets: Secrets
}

/** A connection by settings; nothing is asked yet. Throws SW-ARGOCD-SETTINGS, SW-FILE-*. */
export async function openArgo(settings: ArgoSettings, ports: ConnectionPorts): Promise<Argo> {
  const place: ArgoPlace = {
    server: serverOf(settings.server, ports.http.insecureHosts),
    headers: headersOf(settings.headers ?? [], ports.secrets),
    tls: await tlsOf(settings),
  }
  return connectArgo({ ...place, tokens: tokensOf(settings, place, ports) }, ports)
}

function tokensOf(settings: ArgoSettings, place: ArgoPlace, ports: ConnectionPorts): ArgoTokens {
  const { connector, audience, token, tokenFile: file, username, password } = settings
  const { http, secrets } = ports
  if (connector !== undefined)
    return fetchedToken(
      () => exchangeAtDex(place, { connector, audience }, ports),
      `the token that Dex gave for the connector ${connector}`,
    )
  if (token !== undefined) return fixedToken(token, 'the token that was given')
  if (file !== undefined) return tokenFile(file, secrets)
  if (username === undefined || password === undefined)
    throw argocdSettings('Nothing says who this run is at Argo CD.', {
      hint: 'Give token, token-file, connector, or username and password.',
    })
  return sessionTokens({ username, password }, (account) => masked(openSession(http, place, account), secrets))
}

async function masked(token: Promise<string>, secrets: Secrets): Promise<string> {
  secrets.mask(await token)
  return token
}

/** Those that we set ourselves, and those of the connection. */
const ours = new Set(['authorization', 'content-type', 'content-length', 'host', 'connection', 'transfer-encoding', 'accept'])
/** Characters from which on a value may be a secret; hiding shorter ones would only spoil the log. */
const worthHiding = 8

function headersOf(lines: readonly string[], secrets: Secrets): Readonly<Record<string, string>> {
  const pairs = lines.map((line) => {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line.trim()) ?? []
    // Not the line: a value may be a secret.
    if (name === '' || value === '')
      throw argocdSettings(`A header for Argo CD is not of the form name: value, it has ${line.length} characters.`)
    if (ours.has(name.toLowerCase())) throw argocdSettings(`The header ${name} cannot be set: it is ours.`)
    if (value.length >= worthHiding) secrets.mask(value)
    return [name.toLowerCase(), value] as const
  })
  return Object.fromEntries(pairs)
}

async function tlsOf({ ca, certificate, key }: ArgoSettings): Promise<HttpRequest['tls'] | undefined> {
  if (ca === undefined && certificate === undefined && key === undefined) return undefined
  if ((certificate === undefined) !== (key === undefined))
    throw argocdSettings('A client certificate needs its key, and the key its certificate: one of them is missing.')
  const authorities = ca === undefined ? undefined : await pemOf(ca, (text) => new X509Certificate(text))
  if (certificate === undefined || key === undefined) return authorities === undefined ? undefined : { ca: authorities }
  const cert = await pemOf(certificate, (text) => new X509Certificate(text))
  const secret = await pemOf(key, (text) => createPrivateKey(text))
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(secret)))
    throw argocdSettings(`The key in ${key} is not that of the certificate in ${certificate}.`)
  return { ...(authorities === undefined ? {} : { ca: authorities }), cert, key: secret }
}

async function pemOf(path: string, check: (text: string) => unknown): Promise<string> {
  const text = await readText(path)
  try {
    check(text)
    return text
  } catch (cause) {
    throw argocdSettings(`${path} is no PEM that can be used: ${messageOf(cause)}.`, {
      cause,
      hint: 'A key with a passphrase is not read: take it off.',
    })
  }
}
