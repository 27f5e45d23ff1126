import { resolve } from 'node:path'
import * as v from 'valibot'
import type { Clock, Http } from '../../spec/ports.ts'
import { secretStoreUnknown } from './errors.ts'
import { githubSecret } from './github/secret.ts'
import { kubernetesAccess } from './kubernetes/access.ts'
import { kubernetesSecret } from './kubernetes/secret.ts'
import type { SecretStore } from './store.ts'

const named = v.strictObject({
  secret: v.pipe(v.string(), v.regex(/^\w{1,100}$/, 'expected letters, digits and _'), v.description('A name of the input `secrets`.')),
})
const server = v.pipe(v.string(), v.maxLength(1000), v.regex(/^https?:\/\/[^\s@?#]+$/, 'expected an http or https address without a user'))
const variable = v.pipe(
  v.string(),
  v.regex(/^(?!GITHUB_)[A-Za-z_]\w{0,99}$/, 'expected letters, digits and _, not beginning with a digit or GITHUB_'),
)
const part = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?'
const key = v.pipe(v.string(), v.regex(/^[\w.-]{1,253}$/, 'expected letters, digits, - _ and .'))

const githubEntries = v.strictObject({
  github: v.pipe(
    v.string(),
    v.regex(/^[\w.-]{1,100}(?:\/[\w.-]{1,100})?$/, 'expected owner/repository, or an organization'),
    v.description('owner/repository, or an organization.'),
  ),
  environment: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(255), v.description('Of the repository.'))),
  name: v.optional(v.pipe(variable, v.description('Of the secret.')), 'DOCKER_AUTH_CONFIG'),
  'username-name': v.optional(v.pipe(variable, v.description('A second secret for the name; `name` then has the password alone.'))),
  token: v.pipe(named, v.description('May write secrets; GITHUB_TOKEN never may.')),
  api: v.optional(server),
})
const github = v.pipe(
  githubEntries,
  v.check((one) => one.environment === undefined || one.github.includes('/'), 'has an environment, expected owner/repository beside it'),
)

const kubernetes = v.strictObject({
  kubernetes: v.pipe(
    v.string(),
    v.regex(new RegExp(`^${part}/${part}$`), 'expected namespace/secret'),
    v.description('namespace/secret, of the type kubernetes.io/dockerconfigjson.'),
  ),
  keys: v.optional(v.pipe(v.strictObject({ username: key, password: key }), v.description('Of a secret of the type Opaque instead.'))),
  server: v.optional(v.pipe(server, v.description('Of the API. Default: that of the pod.'))),
  token: v.optional(named),
  ca: v.optional(v.pipe(v.string(), v.maxLength(4096), v.description('File with the certificate of the API’s authority.'))),
})

/** Where a file says that a secret goes. */
export const storeTarget = v.union([github, kubernetes])
export type StoreTarget = v.InferOutput<typeof storeTarget>

/** What a target needs of the run. */
export interface Surroundings {
  /** By the names that targets have for them. */
  readonly secrets: ReadonlyMap<string, string>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Absolute: where relative paths start. */
  readonly workspace: string
  readonly http: Http
  readonly clock: Clock
}

/** The store of a target. @throws SW-SECRET-STORE-UNKNOWN where it is not known how to reach it */
export async function openStore(target: StoreTarget, around: Surroundings): Promise<SecretStore> {
  const token = target.token === undefined ? undefined : secretOf(target.token.secret, around)
  if ('github' in target) {
    const { github: owner, environment, name: secret, 'username-name': username, api } = target
    const address = api ?? around.environment['GITHUB_API_URL'] ?? 'https://api.github.com'
    return githubSecret({ owner, environment, secret, username }, { api: address.replace(/\/+$/, ''), token: token ?? '' }, around)
  }
  const [namespace = '', secret = ''] = target.kubernetes.split('/')
  const ca = target.ca === undefined ? undefined : resolve(around.workspace, target.ca)
  const access = await kubernetesAccess({ server: target.server, token, ca }, around.environment)
  return kubernetesSecret({ namespace, secret, keys: target.keys }, access, around)
}

function secretOf(name: string, { secrets }: Surroundings): string {
  const value = secrets.get(name)
  if (value !== undefined && value !== '') return value
  throw secretStoreUnknown(`The file names the secret ${name}, and the input \`secrets\` has none of that name.`, {
    hint: `Add a line ${name}=… to the input secrets.`,
  })
}
