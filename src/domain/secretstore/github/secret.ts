import type { Clock, Http } from '../../../spec/ports.ts'
import type { ForgeCall } from '../../forge/client.ts'
import { forgeDenied, forgeMissing } from '../../forge/errors.ts'
import { connectGithub } from '../../forge/github-client.ts'
import { secretStoreDenied, secretStoreLost, secretStoreMissing } from '../errors.ts'
import { sealBox } from '../sealed-box.ts'
import { dockerConfig, type Login, type SecretStore } from '../store.ts'
import { publicKey, secretFacts } from './schema.ts'
import { visibilityOf } from './visibility.ts'

/** Where GitHub Actions finds a secret. */
export interface GithubTarget {
  /** `acme/app`, or `acme` for the organization. */
  readonly owner: string
  /** Of the repository. */
  readonly environment?: string | undefined
  /** What the secret is called; with `username`, the one that holds the password alone. */
  readonly secret: string
  /** A second secret for the name of the account. Default: one secret with both, as `DOCKER_AUTH_CONFIG`. */
  readonly username?: string | undefined
}

export interface GithubAccess {
  /** `https://api.github.com` */
  readonly api: string
  readonly token: string
}

export interface GithubPorts {
  readonly http: Http
  readonly clock: Clock
}

/** A secret of GitHub Actions: sealed here for a key of GitHub's, so that nothing between can read it. */
export function githubSecret(target: GithubTarget, access: GithubAccess, { http, clock }: GithubPorts): SecretStore {
  const github = connectGithub(access, http)
  const place = placeOf(target)
  const names = target.username === undefined ? target.secret : `${target.username} and ${target.secret}`
  const name = `GitHub secret ${names} of ${target.owner}${target.environment === undefined ? '' : `, environment ${target.environment}`}`
  const doing = (what: string): Pick<ForgeCall, 'doing'> => ({ doing: `${what} the ${name}` })
  return { name, check: async () => void (await explained(readKey)), put: async (login) => explained(() => put(login)) }

  async function readKey() {
    return github.read({ method: 'GET', path: `${place}/public-key`, ...doing('give the key to seal') }, publicKey)
  }

  async function put(login: Login): Promise<void> {
    const values = valuesOf(target, login)
    for (const [secret, value] of values) await putOne(secret, value)
  }

  async function putOne(secret: string, value: string): Promise<void> {
    const { key, key_id } = await readKey()
    const encrypted_value = Buffer.from(await sealBox(Buffer.from(value), key)).toString('base64')
    const before = await facts(secret)
    const shown = target.owner.includes('/') ? {} : await visibilityOf(github, `${place}/${secret}`, before?.visibility)
    const body = { encrypted_value, key_id, ...shown }
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await github.send({ method: 'PUT', path: `${place}/${secret}`, body, ...doing('keep') })
      const after = await facts(secret)
      if (after !== undefined && after.updated_at > (before?.updated_at ?? 0)) return
      // GitHub shows no secret, only when it changed, by the second: two changes in one look like none.
      await clock.sleep(1100)
    }
    throw secretStoreLost(`GitHub took the secret ${secret} of ${target.owner} and does not show it as changed.`)
  }

  async function facts(secret: string) {
    const answer = await github.send({
      ...{ method: 'GET', path: `${place}/${secret}`, ...doing('show') },
      expect: ({ status }) => status === 404,
    })
    return answer.status === 404 ? undefined : github.parse(answer, secretFacts)
  }

  async function explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (forgeDenied.is(error)) throw secretStoreDenied(error.message, { cause: error })
      if (forgeMissing.is(error)) throw secretStoreMissing(error.message, { cause: error })
      throw error
    }
  }
}

/** Where the API has the secrets of a target. */
function placeOf({ owner, environment }: GithubTarget): string {
  const path = owner.split('/').map(encodeURIComponent).join('/')
  if (environment !== undefined) return `/repos/${path}/environments/${encodeURIComponent(environment)}/secrets`
  return owner.includes('/') ? `/repos/${path}/actions/secrets` : `/orgs/${path}/actions/secrets`
}

/** The name goes first: a job that starts between the two meets a new name with an old password, never the reverse with a good login. */
function valuesOf({ secret, username }: GithubTarget, login: Login): readonly (readonly [string, string])[] {
  if (username === undefined) return [[secret, JSON.stringify(dockerConfig(login))]]
  return [
    [username, login.username],
    [secret, login.password],
  ]
}
