import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { lookupTable } from '../../io/fixtures/transport.ts'
import { type IncomingMessage, type Listening, listen, type ServerResponse } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { pullBytes } from './blobs.ts'
import type { Loaded } from './layout-blobs.ts'
import { getManifest, putManifest, resolveTag } from './manifests.ts'
import { listReferrers } from './referrers.ts'
import { connectRegistry, type Repository } from './registry.ts'
import { listTags } from './tags.ts'
import { mediaTypes } from './types.ts'
import { pushBlob } from './upload.ts'

/** What must never be seen by anyone but the registry and its token service. */
const secrets = { username: 'robot', password: 'canary-password', token: 'canary-token', content: 'canary-content' }
const canaries = [
  secrets.password,
  Buffer.from(`${secrets.username}:${secrets.password}`).toString('base64'),
  secrets.token,
  secrets.content,
]

interface Seen extends Listening {
  readonly seen: string[]
  answer: (request: IncomingMessage, response: ServerResponse) => void
}

/** Remembers each request whole: line, headers and body. */
async function witness(tls?: { key: string; cert: string }): Promise<Seen> {
  const seen: string[] = []
  const server = await listen(
    async (request, response) => {
      const body = await buffer(request)
      seen.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)} ${body}`)
      self.answer(request, response)
    },
    tls === undefined ? {} : { tls },
  )
  const self: Seen = { ...server, seen, answer: (_, response) => void response.end() }
  return self
}

const pem = (name: string): string => readFileSync(new URL(`../../io/fixtures/tls/${name}`, import.meta.url), 'utf8')
let registry: Seen
/** A server on this machine that nobody set out to talk to. */
let inside: Seen
/** One with a name of its own, public as far as the client can tell. */
let outside: Seen
beforeAll(async () => {
  registry = await witness()
  inside = await witness()
  outside = await witness({ key: pem('server.key'), cert: pem('server.pem') })
})
const opened: { close(): void }[] = []
afterEach(() => {
  for (const server of [registry, inside, outside]) server.seen.length = 0
  for (const http of opened.splice(0)) http.close()
})
afterAll(() => Promise.all([registry.close(), inside.close(), outside.close()]))

function connect({ chunkSize }: { chunkSize?: number } = {}): Repository {
  const clock = fakeClock()
  const { ports } = fakePorts({ clock })
  const http = createTransport({
    ...{ userAgent: 'test', clock, log: ports.log, signal: ports.signal, ca: pem('ca.pem') },
    lookup: lookupTable({ 'rebind.test': ['127.0.0.1'], 'mixed.test': ['93.184.216.34', '127.0.0.1'], 'other.test': ['127.0.0.1'] }),
    insecureHosts: ['rebind.test', 'mixed.test'],
    allowPrivate: ['other.test'],
  })
  opened.push(http)
  return connectRegistry(registry.address, { ...ports, http }, { credential: secrets, chunkSize }).repository('team/app')
}

const bytes = Buffer.from(secrets.content)
const blob = { digest: sha256(bytes), size: bytes.length, open: () => Readable.from([bytes]) }
const manifestBytes = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.empty, digest: blob.digest, size: blob.size },
    layers: [],
    annotations: { note: secrets.content },
  }),
)
const manifest = {
  descriptor: { mediaType: mediaTypes.manifest, digest: sha256(manifestBytes), size: manifestBytes.length },
  bytes: manifestBytes,
} as Loaded

type Answer = readonly [status: number, headers?: Record<string, string>, body?: string]

/** One place in the protocol where a registry says where to go next. */
interface Pointer {
  /** The request that is answered with the pointer: `METHOD /path`. */
  readonly at: RegExp
  readonly point: (target: string) => Answer
  readonly act: (repository: Repository) => Promise<unknown>
  readonly code?: string
  readonly chunkSize?: number
  /** Whether it comes before the client is authorised. */
  readonly isEarly?: boolean
}

const redirect =
  (status: number) =>
  (location: string): Answer => [status, { location }]
const pointers: Readonly<Record<string, Pointer>> = {
  'the realm of a challenge': {
    at: /^HEAD/,
    isEarly: true,
    point: (realm) => [401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }],
    act: (repository) => resolveTag(repository, 'v1'),
    code: 'SW-AUTH-REALM-REFUSED',
  },
  'a redirect of the token service': {
    at: /^GET \/token/,
    isEarly: true,
    point: redirect(302),
    act: (repository) => resolveTag(repository, 'v1'),
    code: 'SW-AUTH-REALM-REFUSED',
  },
  'a redirect of HEAD': { at: /^HEAD/, point: redirect(302), act: (repository) => resolveTag(repository, 'v1') },
  'a redirect of a manifest': { at: /^GET .*manifests/, point: redirect(302), act: (repository) => getManifest(repository, 'v1') },
  'a redirect of a blob': { at: /^GET .*blobs/, point: redirect(307), act: (repository) => pullBytes(repository, blob) },
  'a redirect of the POST of an upload': { at: /^POST/, point: redirect(307), act: (repository) => pushBlob(repository, blob) },
  'a 307 of the PUT of a blob': { at: /^PUT .*uploads/, point: redirect(307), act: (repository) => pushBlob(repository, blob) },
  'a 308 of the PUT of a blob': { at: /^PUT .*uploads/, point: redirect(308), act: (repository) => pushBlob(repository, blob) },
  'a 307 of a PATCH': { at: /^PATCH/, point: redirect(307), act: (repository) => pushBlob(repository, blob), chunkSize: 5 },
  'a 307 of the PUT of a manifest': {
    at: /^PUT .*manifests/,
    point: redirect(307),
    act: (repository) => putManifest(repository, manifest, 'v1'),
  },
  'the Location of an upload': { at: /^POST/, point: (location) => [202, { location }], act: (repository) => pushBlob(repository, blob) },
  'the Location of a refused mount': {
    at: /^POST/,
    point: (location) => [202, { location }],
    act: (repository) => pushBlob(repository, blob, { from: 'base' }),
  },
  'the Location of a chunk': {
    at: /^PATCH/,
    point: (location) => [202, { location, range: '0-4' }],
    act: (repository) => pushBlob(repository, blob),
    chunkSize: 5,
  },
  'the Link of the tags': {
    at: /^GET .*tags/,
    point: (target) => [200, { link: `<${target}>; rel="next"` }, '{"tags":["v1"]}'],
    act: listTags,
  },
  'the Link of the referrers': {
    at: /^GET .*referrers/,
    point: (target) => [200, { link: `<${target}>; rel="next"` }, '{"schemaVersion":2,"manifests":[]}'],
    act: (repository) => listReferrers(repository, blob.digest),
  },
}

const usual: readonly (readonly [RegExp, Answer])[] = [
  [/^POST/, [202, { location: '/v2/team/app/blobs/uploads/one' }]],
  [/^PUT/, [201]],
]

/** Makes the registry one with Bearer tokens that misleads at one place. */
function mislead({ at, point, isEarly = false }: Pointer, target: string): void {
  registry.answer = (request, response) => {
    const [status, headers = {}, body] = answerTo(`${request.method} ${request.url}`, request.headers.authorization !== undefined)
    response.writeHead(status, headers).end(body)
  }
  function answerTo(line: string, isAuthorised: boolean): Answer {
    if (at.test(line) && (isAuthorised || isEarly)) return point(target)
    if (line === 'GET /v2/') return [200]
    if (line.startsWith('GET /token')) return [200, {}, JSON.stringify({ token: secrets.token })]
    if (!isAuthorised) return [401, { 'www-authenticate': `Bearer realm="${registry.url}/token",service="s"` }]
    return usual.find(([pattern]) => pattern.test(line))?.[1] ?? [404]
  }
}

const leaked = (server: Seen): readonly string[] => canaries.filter((canary) => server.seen.some((request) => request.includes(canary)))

describe.each(Object.entries(pointers))('%s', (_, pointer) => {
  const port = (): number => inside.port
  const targets: Readonly<Record<string, () => string>> = {
    'the same host at another port': () => `http://127.0.0.1:${port()}/x`,
    'the same host with TLS': () => `https://127.0.0.1:${port()}/x`,
    localhost: () => `http://localhost:${port()}/x`,
    'localhost with a final dot': () => `http://localhost.:${port()}/x`,
    'a short address': () => `http://127.1:${port()}/x`,
    'a decimal address': () => `http://2130706433:${port()}/x`,
    'a hexadecimal address': () => `http://0x7f.0x0.0x0.0x1:${port()}/x`,
    'an octal address': () => `http://0177.0.0.01:${port()}/x`,
    'ideographic full stops': () => `http://127%E3%80%820%E3%80%820%E3%80%821:${port()}/x`,
    'fullwidth full stops': () => `http://127%EF%BC%8E0%EF%BC%8E0%EF%BC%8E1:${port()}/x`,
    'halfwidth full stops': () => `http://127%EF%BD%A10%EF%BD%A10%EF%BD%A11:${port()}/x`,
    'the unspecified address': () => `http://0.0.0.0:${port()}/x`,
    'an IPv6 loopback': () => `http://[::1]:${port()}/x`,
    'an IPv4 address in an IPv6 one': () => `http://[::ffff:127.0.0.1]:${port()}/x`,
    'a name that resolves to a private address': () => `http://rebind.test:${port()}/x`,
    'a name of which one address is private': () => `http://mixed.test:${port()}/x`,
    'the registry with a user name': () => registry.url.replace('://', '://user:word@'),
    'the registry’s name as a user name': () => `http://${registry.address.replace(':', '%3A')}@127.0.0.1:${port()}/x`,
    'a backslash before the registry’s name': () => `http://127.0.0.1:${port()}\\@${registry.address}/x`,
    'the metadata service of clouds': () => 'http://169.254.169.254/latest/meta-data/',
    'the metadata service by TLS': () => 'https://169.254.169.254/x',
    'the metadata service of Google': () => 'http://metadata.google.internal/computeMetadata/v1/',
    'a private network': () => 'https://10.0.0.5/x',
    'a link-local address': () => 'https://[fe80::1]/x',
    'a file': () => 'file:///etc/passwd',
    'no URL': () => 'http://[',
  }

  test.each(Object.entries(targets))('at %s is refused, and nobody there is asked', async (__, target) => {
    mislead(pointer, target())
    await expect(pointer.act(connect(pointer))).rejects.toMatchObject({
      code: pointer.code ?? expect.stringMatching(/^SW-(HTTP-REFUSED-URL|REGISTRY-REFUSED)$/),
    })
    expect(registry.seen.some((request) => pointer.at.test(request))).toBe(true)
    expect([inside.seen, outside.seen]).toEqual([[], []])
  })
})

describe('another server that may be asked', () => {
  const away = (path: string): string => `https://other.test:${outside.port}${path}`

  test.each<[string, string, number]>([
    ['a redirect of HEAD', 'a redirect of HEAD', 404],
    ['a redirect of a manifest', 'a redirect of a manifest', 404],
    ['a redirect of a blob', 'a redirect of a blob', 404],
  ])('sees no credential after %s', async (_, name, status) => {
    const pointer = pointers[name] as Pointer
    outside.answer = (__, response) => void response.writeHead(status).end()
    mislead(pointer, away('/signed?signature=1'))
    await pointer.act(connect()).catch(() => undefined)
    expect(outside.seen).toHaveLength(1)
    expect(leaked(outside)).toEqual([])
  })

  it('takes a blob where an upload was sent, without the credential', async () => {
    mislead(pointers['the Location of an upload'] as Pointer, away('/bucket'))
    outside.answer = (_, response) => void response.writeHead(201).end()
    // The blob arrives there and not at the registry: not the credential's business, and noticed.
    await expect(pushBlob(connect(), blob)).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
    expect(outside.seen).toHaveLength(1)
    expect(leaked(outside)).toEqual([secrets.content])
  })

  test.each([
    'a 307 of the PUT of a blob',
    'a 308 of the PUT of a blob',
    'a 307 of a PATCH',
    'a 307 of the PUT of a manifest',
    'the Link of the tags',
    'the Link of the referrers',
  ])('is not asked at all after %s', async (name) => {
    const pointer = pointers[name] as Pointer
    mislead(pointer, away('/x'))
    await expect(pointer.act(connect(pointer))).rejects.toMatchObject({ code: expect.stringMatching(/REFUSED/) })
    expect(outside.seen).toEqual([])
  })

  // go-containerregistry: TestBearerTokenNotLeakedOnCrossHostChallenge
  it.each([
    ['a Bearer challenge', () => `Bearer realm="${away('/steal')}",service="s"`],
    ['a Basic challenge', () => 'Basic realm="x"'],
  ])('gets no answer to %s of its own', async (_, challenge) => {
    outside.answer = (__, response) => void response.writeHead(401, { 'www-authenticate': challenge() }).end()
    mislead({ ...(pointers['a redirect of a manifest'] as Pointer), isEarly: true }, away('/signed'))
    await expect(getManifest(connect(), 'v1')).rejects.toMatchObject({
      code: 'SW-REGISTRY-REFUSED',
      message: expect.stringContaining(`other.test:${outside.port}, where 127.0.0.1:${registry.port} sends clients, refuses`),
    })
    expect(outside.seen).toHaveLength(1)
    expect(leaked(outside)).toEqual([])
  })

  it('sees no password when the token service leads there', async () => {
    outside.answer = (_, response) => void response.end(JSON.stringify({ token: 'another' }))
    mislead(pointers['a redirect of the token service'] as Pointer, away('/token'))
    await resolveTag(connect(), 'v1')
    expect(outside.seen).toHaveLength(1)
    expect(leaked(outside)).toEqual([])
  })
})
