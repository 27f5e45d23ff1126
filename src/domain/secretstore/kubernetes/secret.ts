import * as v from 'valibot'
import type { Clock, Http } from '../../../spec/ports.ts'
import { secretStoreBusy, secretStoreLost, secretStoreRefused } from '../errors.ts'
import { dockerConfig, type Login, type SecretStore } from '../store.ts'
import { askKubernetes, type KubernetesAccess, type KubernetesAnswer } from './api.ts'
import { dockerSettings, type Secret, secret as schema } from './schema.ts'

export interface KubernetesTarget {
  readonly namespace: string
  readonly secret: string
  /** Keys of a secret of the type Opaque. Default: `.dockerconfigjson` in one of kubernetes.io/dockerconfigjson, for pulls. */
  readonly keys?: { readonly username: string; readonly password: string } | undefined
}

export interface KubernetesPorts {
  readonly http: Http
  readonly clock: Clock
  /** 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number
}

const dockerType = 'kubernetes.io/dockerconfigjson'
const dockerKey = '.dockerconfigjson'
const dryRun = '?dryRun=All'
const mostTries = 20

/** A Secret of Kubernetes. Only our own keys of it are written, and only onto the very version that was read: nobody's change is lost. */
export function kubernetesSecret(target: KubernetesTarget, access: KubernetesAccess, ports: KubernetesPorts): SecretStore {
  const { namespace, secret, keys } = target
  const { http, clock, random = Math.random } = ports
  const name = `Kubernetes secret ${namespace}/${secret}`
  const type = keys === undefined ? dockerType : 'Opaque'
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`
  const one = `${all}/${encodeURIComponent(secret)}`
  return { name, check, put }

  /** The API server goes all the way but the last step: rights, quotas and webhooks. */
  async function check(): Promise<void> {
    const before = await read()
    if (before !== undefined) await patch(before, {}, dryRun)
    else await create(keys === undefined ? { [dockerKey]: encoded('{"auths":{}}') } : {}, dryRun)
  }

  async function put(login: Login): Promise<void> {
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const before = await read()
      const data = dataOf(login, before)
      const answer = before === undefined ? await create(data) : await patch(before, data)
      if (answer.status < 300) return requireKept(login, data)
      await clock.sleep(50 * 2 ** Math.min(attempt, 5) * (0.5 + random()))
    }
    throw secretStoreBusy(`The ${name} changed each of the ${mostTries} times that it was to be written.`, { retryable: true })
  }

  async function read(): Promise<Secret | undefined> {
    const answer = await askKubernetes(access, { method: 'GET', path: one, doing: `show the ${name}`, expect: [404] }, http)
    if (answer.status === 404) return undefined
    const found = parsed(answer)
    if (found.type !== type) throw secretStoreRefused(`The ${name} is of the type ${found.type}, expected ${type}.`)
    if (found.immutable) throw secretStoreRefused(`The ${name} is immutable.`)
    return found
  }

  async function create(data: Readonly<Record<string, string>>, query = ''): Promise<KubernetesAnswer> {
    const labels = { 'app.kubernetes.io/managed-by': 'slipway' }
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, labels }, type, data }
    return askKubernetes(access, { method: 'POST', path: `${all}${query}`, body, doing: `make the ${name}`, expect: [409] }, http)
  }

  async function patch({ metadata }: Secret, data: Readonly<Record<string, string>>, query = ''): Promise<KubernetesAnswer> {
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, data }
    return askKubernetes(access, { method: 'PATCH', path: `${one}${query}`, body, doing: `change the ${name}`, expect: [404, 409] }, http)
  }

  /** Others may have put logins for other registries beside ours meanwhile. Nothing but the key goes into a message. */
  async function requireKept(login: Login, data: Readonly<Record<string, string>>): Promise<void> {
    const kept = (await read())?.data ?? {}
    const lost = Object.keys(data).find((key) => partOf(login, key, kept[key]) !== partOf(login, key, data[key]))
    if (lost !== undefined) throw secretStoreLost(`Kubernetes took the ${name} and does not have its key ${lost} as it was given.`)
  }

  /** What of a value is ours. */
  function partOf({ registry }: Login, key: string, value: string | undefined): string | undefined {
    return key === dockerKey ? JSON.stringify(settingsIn(value).auths?.[registry]) : value
  }

  function dataOf(login: Login, before: Secret | undefined): Readonly<Record<string, string>> {
    if (keys !== undefined) return { [keys.username]: encoded(login.username), [keys.password]: encoded(login.password) }
    const settings = settingsIn(before?.data?.[dockerKey])
    const auths = { ...settings.auths, ...dockerConfig(login).auths }
    return { [dockerKey]: encoded(JSON.stringify({ ...settings, auths })) }
  }

  function settingsIn(value: string | undefined): v.InferOutput<typeof dockerSettings> {
    const text = Buffer.from(value ?? '', 'base64').toString('utf8')
    const settings = v.safeParse(v.pipe(v.string(), v.parseJson(), dockerSettings), text === '' ? '{}' : text)
    if (settings.success) return settings.output
    throw secretStoreRefused(`The ${name} has a ${dockerKey} that is no configuration of Docker.`)
  }

  function parsed({ text }: KubernetesAnswer): Secret {
    const found = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text)
    if (found.success) return found.output
    throw secretStoreRefused(`The answer of ${access.server} is no Secret of Kubernetes: is the address that of its API server?`)
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}
