import { isRepository } from '../../base/reference.ts'
import type { Clock, Http, HttpResponse, Log } from '../../spec/ports.ts'
import type { Credential } from './auth/credential.ts'
import { type GivenCredential, type Login, type LoginPorts, loginTo } from './auth/login.ts'
import { Tokens } from './auth/token.ts'
import { requireChunks } from './chunk-rule.ts'
import { originOf, type PlainHttp } from './endpoint.ts'
import { type Known, knownOf } from './known.ts'
import { pastPolicies } from './past-policies.ts'
import { type RegistryRequest, Session } from './session.ts'

/** What a registry client needs of a task's context. */
export type RegistryPorts = LoginPorts

export interface RegistryOptions {
  /** What the user gave for this registry; else it is looked up. */
  readonly credential?: GivenCredential | undefined
  /** Default `auto`. */
  readonly plainHttp?: PlainHttp | undefined
  /** Bytes that a request of an upload may have, where a proxy limits them. Default: each blob in one request. */
  readonly chunkSize?: number | undefined
}

/** One registry, with what was learned of it: tokens, warnings shown, where blobs are. */
export interface Registry {
  /** As users write it: `harbor.example.com`, `localhost:5000`, `docker.io`. */
  readonly name: string
  /** A repository by its path below the registry: `team/app`. */
  repository(path: string): Repository
}

/** A repository at a registry; the functions of blobs.ts, manifests.ts, tags.ts and referrers.ts work on it. */
export interface Repository {
  readonly registry: string
  readonly path: string
  /** `registry/path`. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** What this run has learned of the registry. */
  readonly known: Known
  /** Bytes of a chunk of an upload; undefined: each blob in one request. */
  readonly chunkSize?: number | undefined
  /** The same as who pushes to it sees it: with what a policy there holds back from others. */
  asPusher(): Repository
  /** What speaks an API of its own beside the registry's, and how to learn who we are to it. */
  server(): Promise<Server>
  /** Whether a URL that the registry gave is at its own origin. */
  isOurs(url: string): Promise<boolean>
  /** Sends with authorisation. Throws SW-REGISTRY-DENIED, -UNAUTHENTICATED, -UNREACHABLE, -REFUSED, SW-AUTH-REALM-REFUSED, SW-CREDENTIAL-…. */
  send(request: RegistryRequest): Promise<HttpResponse>
}

/** Where a registry is, with what it takes to ask its server something else. */
export interface Server {
  /** `https://harbor.example.com` */
  readonly origin: string
  /** May run a credential helper, which may ask somebody. */
  credential(): Promise<Credential | undefined>
  readonly http: Http
}

/** Connects to a registry; nothing is sent before the first use of a repository. Throws SW-REGISTRY-CHUNKS. */
export function connectRegistry(registry: string, ports: RegistryPorts, options: RegistryOptions = {}): Registry {
  const { clock, http, log, secrets } = ports
  const known = knownOf(http, registry)
  const { warned } = known
  const { chunkSize } = options
  const login = loginTo(registry, ports, options.credential)
  if (chunkSize !== undefined) requireChunks(registry)
  const connect = once(async () => {
    const origin = await originOf(registry, options.plainHttp ?? 'auto', http)
    return { origin, tokens: new Tokens(registry, origin, { http, clock, mask: (token) => secrets.mask(token) }) }
  })
  return { name: registry, repository }

  function repository(path: string): Repository {
    if (!isRepository(path)) throw new Error(`${JSON.stringify(path)} is no repository path`)
    const send = sender(path, login)
    const past = pastPolicies(path, send, sender(path, { ...login, upFront: undefined }))
    const reader: Repository = {
      ...{ registry, path, name: `${registry}/${path}`, clock, log, known, chunkSize, send },
      asPusher: () => ({ ...reader, send: past }),
      server: async () => ({ origin: (await connect()).origin, credential: () => login.credential(path), http }),
      isOurs: async (url) => URL.parse(url)?.origin === (await connect()).origin,
    }
    return reader
  }

  function sender(path: string, who: Login): Repository['send'] {
    const session = once(
      async () => new Session({ ...(await connect()), registry, repository: path, http, clock, log, login: who, warned }),
    )
    return async (request) => (await session()).send(request)
  }
}

/** The first call's promise for every call; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
