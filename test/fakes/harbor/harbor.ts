import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sha256 } from '../../../src/base/digest.ts'
import type { Asked, Headers, Registry, Reply } from '../../../src/domain/registry/exchange.ts'
import { openRegistry } from '../../../src/domain/registry/registry.ts'
import { serve } from '../../../src/domain/registry/serve.ts'
import { listen } from '../../../src/io/server.ts'
import type { Log } from '../../../src/spec/ports.ts'
import { Answered, done, Refused, text } from './answers.ts'
import { enter, parseManifest, sbomType } from './artifacts.ts'
import { createLogins } from './login.ts'
import { requireWritable } from './policies.ts'
import { createRegistryFront, request } from './registry.ts'
import { base, objectOf, type Routes, route } from './router.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { immutableRoutes } from './routes/immutable.ts'
import { jobRoutes } from './routes/jobs.ts'
import { labelRoutes } from './routes/labels.ts'
import { memberRoutes } from './routes/members.ts'
import { preheatRoutes } from './routes/preheat.ts'
import { projectRoutes } from './routes/projects.ts'
import { quotaRoutes } from './routes/quotas.ts'
import { replicationRoutes } from './routes/replication.ts'
import { repositoryRoutes } from './routes/repositories.ts'
import { retentionRoutes } from './routes/retention.ts'
import { robotRoutes } from './routes/robots.ts'
import { scannerRoutes } from './routes/scanners.ts'
import { scanRoutes } from './routes/scans.ts'
import { systemRoutes } from './routes/system.ts'
import { tagRoutes } from './routes/tags.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { createScans, type Scans } from './scans.ts'
import { createSessions } from './sessions.ts'
import { type Artifact, createState, type Repository, type State } from './state.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { createV2Access } from './v2-access.ts'

export interface FakeHarborOptions {
  /** Milliseconds since 1970; scans, tokens and robots go by it. Default: the machine's. */
  readonly now?: () => number
  /** Waits for as long as a wrong password is held back. Default: 20 ms of the machine. */
  readonly hold?: () => Promise<void>
  /** Whose behaviour it has. Default 2.15. */
  readonly profile?: HarborProfile
  /** Where it listens; default loopback. Answers name whatever address they were asked at. */
  readonly host?: string
  /** Default: any that is free. */
  readonly port?: number
}

export type HarborProfile = keyof typeof versions

export interface FakeHarbor extends AsyncDisposable {
  /** `127.0.0.1:5000` */
  readonly address: string
  readonly url: string
  readonly state: State
  readonly scans: Scans
  readonly tokens: Tokens
  /** The registry behind, past all that Harbor adds. */
  readonly inner: Registry
  /** `METHOD path status` of each answer. */
  readonly log: string[]
  /** Each request with its headers, in the order they came. */
  readonly asked: Pick<Asked, 'method' | 'target' | 'headers'>[]
  /** Answers the next request that matches in Harbor's place. */
  instead(on: RegExp, reply: Reply): void
}

const versions = { '2.12': 'v2.12.4-1a2b3c4d', '2.14': 'v2.14.4-5e6f7a8b', '2.15': 'v2.15.2-0d9f3c5a' } as const

export const profiles = Object.keys(versions) as readonly HarborProfile[]

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

const routes: Routes = {
  ...{ ...retentionRoutes, ...jobRoutes, ...replicationRoutes, ...preheatRoutes },
  ...{ ...systemRoutes, ...projectRoutes, ...memberRoutes, ...robotRoutes, ...quotaRoutes, ...repositoryRoutes, ...artifactRoutes },
  ...{ ...tagRoutes, ...labelRoutes, ...scanRoutes, ...scannerRoutes, ...immutableRoutes, ...webhookRoutes },
}

/** A Harbor in front of the embedded registry; its answers are those of the recorded one. */
export async function startFakeHarbor(options: FakeHarborOptions = {}): Promise<FakeHarbor> {
  const { now = Date.now, hold = () => wait(20), profile = '2.15', host = '127.0.0.1', port = 0 } = options
  const root = await mkdtemp(join(tmpdir(), 'slipway-fake-harbor-'))
  const state = createState(now)
  state.version = versions[profile]
  const scans = createScans(state)
  const logins = createLogins(state, hold)
  const tokens = createTokens(state, logins)
  const sessions = createSessions(logins)
  const inner = await openRegistry({ root, log: silent })
  const pushed = (repository: Repository, artifact: Artifact): void => scanOnPush(scans, repository, artifact)
  const registry = createRegistryFront({ state, scans, inner, access: createV2Access(state, { logins, tokens }), pushed })
  const [log, asked, faults]: [string[], FakeHarbor['asked'], { on: RegExp; reply: Reply }[]] = [[], [], []]
  const server = await listen(serve(answer, silent), { host, port })
  return {
    ...{ address: server.address, url: server.url, state, scans, tokens, inner, log, asked },
    instead: (on, reply) => void faults.push({ on, reply }),
    async [Symbol.asyncDispose]() {
      await server.close()
      await rm(root, { recursive: true })
    },
  }

  async function answer(one: Asked): Promise<Reply> {
    asked.push({ method: one.method, target: one.target, headers: one.headers })
    const fault = faults.findIndex(({ on }) => on.test(`${one.method} ${one.target}`))
    const reply = fault === -1 ? await answered(one) : (faults.splice(fault, 1)[0]?.reply ?? done(500))
    log.push(`${one.method} ${one.target} ${reply.status}`)
    return state.down.has('core') ? reply : { ...reply, headers: { ...common(one), ...sessions.headers(one), ...reply.headers } }
  }

  async function answered(one: Asked): Promise<Reply> {
    try {
      return await dispatch(one)
    } catch (error) {
      if (error instanceof Answered) return error.reply
      throw error
    }
  }

  async function dispatch(one: Asked): Promise<Reply> {
    const { path } = one
    if (state.down.has('core')) return text(badGateway, { status: 502, type: 'text/html' })
    if (path === '/v2')
      return {
        ...text(moved, { status: 301, type: 'text/html' }),
        headers: { 'content-type': 'text/html', location: `http://${one.headers.host}/v2/` },
      }
    if (path.startsWith('/v2/')) return registry(one)
    if (path === '/service/token') return tokens.answer(one)
    if (path === '/api/version') return text('{"version":"v2.0"}\n', { type: 'text/plain; charset=utf-8' })
    const session = await sessions.answer(one)
    if (session !== undefined) return session
    if (!path.startsWith(`${base}/`))
      return text('<!doctype html><title>404 - Page Not Found</title>', { status: 404, type: 'text/html; charset=utf-8' })
    return api(one)
  }

  async function api(one: Asked): Promise<Reply> {
    const { method, path, query, headers } = one
    const { handler, params } = route(routes, { method, path })
    const body = await bodyText(one)
    const own = sessions.whoIs(one)
    const who = headers.authorization === undefined && own !== undefined ? own : await logins.whoIs(one)
    if (!['GET', 'HEAD'].includes(method) && !path.endsWith('/configurations')) requireWritable(state)
    await storeSboms()
    const read = (named = 'body'): Record<string, unknown> => objectOf(body, { type: headers['content-type'], named })
    const isName = headers['x-is-resource-name'] === 'true'
    return handler({
      state,
      scans,
      who,
      params,
      query,
      path: path.replace(/\/{2,}/g, '/'),
      headers,
      isName,
      text: body,
      body: read,
      registry: inner,
    })
  }

  /** A scan for an SBOM ends with an accessory that Harbor pushes itself, in the place of the one before. */
  async function storeSboms(): Promise<void> {
    for (const repository of state.repositories) {
      for (const artifact of [...repository.artifacts.values()]) {
        const scan = scans.unstored(artifact)
        if (scan !== undefined) scan.store(await storeSbom(repository, artifact))
      }
    }
  }

  async function storeSbom(repository: Repository, subject: Artifact): Promise<string> {
    const document = Buffer.from(
      JSON.stringify({ spdxVersion: 'SPDX-2.3', name: subject.digest, documentNamespace: randomUUID(), packages: [] }),
    )
    const layer = await storeBlob(repository, document)
    const facts = {
      architecture: '',
      created: '0001-01-01T00:00:00Z',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }
    const history = [{ author: 'harbor', created: '0001-01-01T00:00:00Z', created_by: 'harbor' }]
    const config = await storeBlob(repository, Buffer.from(JSON.stringify({ ...facts, history })))
    const at = `${new Date(state.now()).toISOString().slice(0, 19)}Z`
    const bytes = Buffer.from(
      JSON.stringify({
        ...{ schemaVersion: 2, mediaType: ociManifest, config: { mediaType: sbomType, ...config } },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
        annotations: {
          created: at,
          'created-by': 'Harbor',
          'org.opencontainers.artifact.created': at,
          'org.opencontainers.artifact.description': 'SPDX JSON SBOM',
        },
        subject: { mediaType: subject.manifestType, size: subject.size, digest: subject.digest },
      }),
    )
    const put = request('PUT', `/v2/${repository.name}/manifests/${sha256(bytes)}`, bytes)
    await inner({ ...put, headers: { 'content-type': ociManifest } })
    const manifest = parseManifest(bytes, ociManifest)
    const { digest } = await enter(state, repository, {
      bytes,
      manifest,
      contentType: ociManifest,
      tag: undefined,
      readConfig: async () => Buffer.from(JSON.stringify({ ...facts, history })),
    })
    return digest
  }

  async function storeBlob({ name }: Repository, bytes: Buffer): Promise<{ digest: string; size: number }> {
    const digest = sha256(bytes)
    const post = request('POST', `/v2/${name}/blobs/uploads/`, bytes)
    await inner({ ...post, query: new URLSearchParams({ digest }) })
    return { digest, size: bytes.length }
  }
}

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const moved = '<html><head><title>301 Moved Permanently</title></head></html>\n'
const badGateway =
  '<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n'

/** On nearly every answer; a request's own id is sent back. */
function common({ headers }: Asked): Headers {
  const id = headers['x-request-id']
  return {
    'x-request-id': typeof id === 'string' ? id : randomUUID(),
    'set-cookie': `sid=${randomBytes(16).toString('hex')}; Path=/; HttpOnly`,
  }
}

function scanOnPush(scans: Scans, repository: Repository, artifact: Artifact): void {
  if (artifact.type !== 'IMAGE' || artifact.accessory !== undefined) return
  if (repository.project.metadata.get('auto_scan') === 'true') scans.begin(repository, artifact, 'vulnerability')
  if (repository.project.metadata.get('auto_sbom_generation') === 'true') scans.begin(repository, artifact, 'sbom')
}

async function bodyText({ body }: Asked): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > 1024 * 1024) throw new Refused(413, 'REQUEST_TOO_LARGE', 'request body too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
