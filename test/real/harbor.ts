import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { until } from './until.ts'

/** An account of a Harbor, as `docker login` takes it. */
export interface Account {
  readonly username: string
  readonly password: string
}

export interface Answer {
  readonly status: number
  /** Parsed, where it is JSON; undefined where it is not. */
  readonly body: unknown
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses over 399 that the caller understands. */
  readonly expect?: readonly number[]
}

/** An image as Harbor's API shows it. */
export interface Shown {
  readonly digest: string
  readonly type: string
  /** Digests of what an index consists of. */
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly accessories: readonly { readonly digest: string; readonly type: string }[]
  readonly pushed: string
}

/** The Harbor of a suite: a real one where one is named, else one of our own. All that is done to it is done by its public API. */
export interface TestHarbor extends AsyncDisposable {
  /** `http://10.88.0.1:40123` */
  readonly url: string
  /** `10.88.0.1:40123`, as it stands in front of a repository. */
  readonly registry: string
  readonly isPlainHttp: boolean
  /** Where it sends clients for tokens, as its own configuration says: `10.88.0.1:40123`. */
  readonly tokenHost: string
  /** Without its port: `10.88.0.1`, `harbor.example.com`. */
  readonly hostname: string
  /** One call below `/api/v2.0`, as administrator. Throws for a status over 399 that is not expected. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Makes a project with a name of its own, which goes with the suite. */
  project(title: string, metadata?: Readonly<Record<string, string>>): Promise<string>
  /** A robot of a project that may do what is said (`scan:create`), and nothing else. */
  robot(project: string, rights: readonly string[]): Promise<Account>
  /** An image by tag or digest. */
  image(repository: string, reference: string): Promise<Shown>
  /** All images of a repository, what an index consists of too; none where there is no such repository. */
  images(repository: string): Promise<readonly Shown[]>
}

const { SLIPWAY_HARBOR_URL, SLIPWAY_HARBOR_USERNAME, SLIPWAY_HARBOR_PASSWORD } = process.env

/** Settings by which programs trust the certificate of the Harbor that is named: Node takes one, programs in Go the other. */
export const authorities: Readonly<Record<string, string>> = Object.fromEntries(
  ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'].flatMap((name) => {
    const file = process.env[name]
    return file === undefined ? [] : [[name, file] as const]
  }),
)

/** Opens what SLIPWAY_HARBOR_URL, _USERNAME and _PASSWORD name, or starts the fake at an address of this machine. */
export async function openHarbor(host: string): Promise<TestHarbor> {
  if (SLIPWAY_HARBOR_URL === undefined) return openFake(host)
  if (SLIPWAY_HARBOR_USERNAME === undefined || SLIPWAY_HARBOR_PASSWORD === undefined)
    throw new Error('SLIPWAY_HARBOR_URL is set, expected SLIPWAY_HARBOR_USERNAME and SLIPWAY_HARBOR_PASSWORD of an administrator as well')
  const harbor = connect(originOf(SLIPWAY_HARBOR_URL), { username: SLIPWAY_HARBOR_USERNAME, password: SLIPWAY_HARBOR_PASSWORD })
  const { status, body } = await harbor.call('GET', '/users/current', { expect: [401, 412] })
  if (status !== 200 || Object(body).sysadmin_flag !== true)
    throw new Error(`${harbor.url} answers ${status} to /users/current, expected 200 and sysadmin_flag: a user who is an administrator`)
  return { ...harbor, tokenHost: await tokenHostOf(harbor.url) }
}

/** A Harbor whose own address (`hostname`, `external_url`) is not the one that it is reached by sends clients elsewhere. */
async function tokenHostOf(url: string): Promise<string> {
  const challenge = (await fetch(`${url}/v2/`)).headers.get('www-authenticate') ?? ''
  const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const wrong = `Harbor at ${url} sends clients for tokens to ${JSON.stringify(realm)}: give SLIPWAY_HARBOR_URL as Harbor has it configured`
  if (!URL.canParse(realm)) throw new Error(wrong)
  await fetch(`${realm}?service=harbor-registry`).catch((cause: unknown) => Promise.reject(new Error(wrong, { cause })))
  return new URL(realm).host
}

/** Harbor is at the root of a host; the page that somebody copied the address from may be deeper. */
function originOf(address: string): string {
  return new URL(/^https?:\/\//.test(address) ? address : `https://${address}`).origin
}

async function openFake(host: string): Promise<TestHarbor> {
  const fake = await startFakeHarbor({ host })
  const harbor = connect(fake.url, { username: 'admin', password: 'admin-Passw0rd' })
  await harbor.call('POST', '/scanners', { body: { name: 'lab', url: 'http://scanner.example' } })
  return {
    ...harbor,
    async [Symbol.asyncDispose]() {
      await harbor[Symbol.asyncDispose]()
      await fake[Symbol.asyncDispose]()
    },
  }
}

function connect(url: string, admin: Account): TestHarbor {
  const { host, hostname, protocol } = new URL(url)
  const [projects, robots]: [string[], number[]] = [[], []]
  return {
    ...{ url, registry: host, hostname, tokenHost: host, isPlainHttp: protocol === 'http:', call, image, images },
    async project(title, metadata = {}) {
      const name = `slipway-${title}-${randomBytes(4).toString('hex')}`
      await call('POST', '/projects', { body: { project_name: name, metadata: { public: 'false', ...metadata } } })
      projects.push(name)
      return name
    },
    async robot(project, rights) {
      const access = rights.map((right) => ({ resource: right.split(':')[0], action: right.split(':')[1] }))
      const permissions = [{ kind: 'project', namespace: project, access }]
      const body = { name: `e2e-${randomBytes(4).toString('hex')}`, level: 'project', duration: 1, permissions }
      const made = (await call('POST', '/robots', { body })).body as { id: number; name: string; secret: string }
      robots.push(made.id)
      return { username: made.name, password: made.secret }
    },
    async [Symbol.asyncDispose]() {
      const gone = await Promise.allSettled([
        ...robots.map((id) => call('DELETE', `/robots/${id}`, { expect: [404] })),
        ...projects.map((name) => removeProject(name)),
      ])
      const left = gone.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      if (left.length > 0) throw new AggregateError(left, `not all that was made in ${url} is gone: ${left.map(String).join('; ')}`)
    },
  }

  async function call(method: string, path: string, { body, headers: more = {}, expect = [] }: CallOptions = {}): Promise<Answer> {
    const headers = {
      ...more,
      authorization: `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`,
      'x-is-resource-name': 'true',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const signal = AbortSignal.timeout(60_000)
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}/api/v2.0${path}`, { method, headers, signal, ...sent })
    const text = await response.text()
    if (response.status >= 400 && !expect.includes(response.status))
      throw new Error(`${method} ${path} was answered by ${response.status}: ${text}`)
    return { status: response.status, body: parsed(text) }
  }

  async function image(repository: string, reference: string): Promise<Shown> {
    const { body } = await call('GET', `${artifactsOf(repository)}/${encodeURIComponent(reference)}?with_tag=true&with_accessory=true`)
    return shown(body as Wire)
  }

  /** What an index consists of is in no list. */
  async function images(repository: string): Promise<readonly Shown[]> {
    const query = 'page_size=100&with_tag=true&with_accessory=true'
    const { status, body } = await call('GET', `${artifactsOf(repository)}?${query}`, { expect: [404] })
    const listed = status === 404 ? [] : (body as readonly Wire[]).map(shown)
    const parts = listed.flatMap(({ references }) => references).filter((digest) => listed.every((one) => one.digest !== digest))
    return [...listed, ...(await Promise.all(parts.map((digest) => image(repository, digest))))]
  }

  /** Only an empty project can be removed. */
  async function removeProject(name: string): Promise<void> {
    const isEmpty = async (): Promise<boolean> => {
      const { body } = await call('GET', `/projects/${name}/repositories?page_size=100`)
      const all = (body ?? []) as readonly { name: string }[]
      for (const one of all) await call('DELETE', repositoryPath(one.name), { expect: [404] })
      return all.length === 0
    }
    await until(`the project ${name} is empty`, isEmpty, 180, 500)
    await call('DELETE', `/projects/${name}`, { expect: [404] })
  }
}

interface Wire {
  readonly digest: string
  readonly type: string
  readonly push_time: string
  readonly references?: readonly { readonly child_digest: string }[] | null
  readonly tags?: readonly { readonly name: string }[] | null
  readonly accessories?: readonly { readonly digest: string; readonly type: string }[] | null
}

/** Harbor gives null for an empty list. */
function shown({ digest, type, push_time: pushed, references, tags, accessories }: Wire): Shown {
  const attached = (accessories ?? []).map((one) => ({ digest: one.digest, type: one.type }))
  return {
    ...{ digest, type, pushed },
    references: (references ?? []).map((one) => one.child_digest),
    tags: (tags ?? []).map(({ name }) => name).toSorted(),
    accessories: attached.toSorted((a, b) => a.digest.localeCompare(b.digest)),
  }
}

/** A name with slashes is encoded twice. */
function repositoryPath(repository: string): string {
  const slash = repository.indexOf('/')
  const name = encodeURIComponent(encodeURIComponent(repository.slice(slash + 1)))
  return `/projects/${repository.slice(0, slash)}/repositories/${name}`
}

export function artifactsOf(repository: string): string {
  return `${repositoryPath(repository)}/artifacts`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The file of a Docker configuration with one login. */
export function dockerConfig(registry: string, { username, password }: Account): string {
  return JSON.stringify({ auths: { [registry]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } })
}

/** A folder with that file, for DOCKER_CONFIG. */
export function loginFolder(folder: string, registry: string, account: Account): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/config.json`, dockerConfig(registry, account))
  return folder
}
