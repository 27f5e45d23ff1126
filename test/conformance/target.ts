import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, it } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { silent } from '../fakes/served-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { type KnownRegistry, knownDeviations } from './known-deviations.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface Pushed extends Descriptor {
  readonly bytes: Buffer
  readonly response: Response
}

/**
 * The registry that is judged: the embedded one, or the one at SLIPWAY_CONFORMANCE_URL, whose deviations are those of
 * SLIPWAY_CONFORMANCE_KNOWN. Spoken to by `fetch`, so no code of ours is on the client's side.
 */
const given = process.env['SLIPWAY_CONFORMANCE_URL']
const known = knownDeviations[(process.env['SLIPWAY_CONFORMANCE_KNOWN'] ?? 'slipway') as KnownRegistry]
if (known === undefined) throw new Error(`SLIPWAY_CONFORMANCE_KNOWN is not one of ${Object.keys(knownDeviations).join(', ')}`)

let base = given ?? ''
if (given === undefined) {
  const folder = temporaryFolder('conformance')
  let close: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    const server = await listen(await createRegistry({ root: folder.path, log: silent }))
    base = server.url
    close = server.close
  })
  afterAll(async () => {
    await close()
    folder[Symbol.dispose]()
  })
}

/** One sentence of the specification. A registry that is known not to keep it must still not keep it, else the table is old. */
export function requirement(what: string, holds: () => Promise<void>): void {
  const reason = known[what]
  if (reason === undefined) it(what, holds, 300_000)
  else {
    it(`${what}: known deviation, ${reason}`, async () => {
      const kept = await holds().then(
        () => true,
        () => false,
      )
      if (kept) throw new Error('the registry keeps this now: take it out of the table of deviations')
    })
  }
}

/** A repository that nothing was pushed to. */
export function newRepository(): string {
  return `conformance/${randomBytes(8).toString('hex')}`
}

/** A request; the path may be a URL that the registry gave. */
export function send(method: string, path: string | URL, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, base), { method, redirect: 'manual', ...init })
}

/** `sha256:…` of bytes, or of another algorithm. */
export function digestOf(content: string | Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
}

/** The place that an answer names, also a relative one. */
export function locationOf(response: Response): URL {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`the answer ${response.status} of ${response.url} has no location`)
  return new URL(location, response.url)
}

/** A place with one more parameter: what the registry wrote in it stays as it is. */
export function withParameter(place: URL, name: string, value: string): URL {
  const url = new URL(place)
  url.search += `${url.search === '' ? '?' : '&'}${name}=${encodeURIComponent(value)}`
  return url
}

/** Pushes a blob by POST and PUT. */
export async function pushBlob(repository: string, content: string | Buffer, algorithm = 'sha256'): Promise<Descriptor> {
  const digest = digestOf(content, algorithm)
  const place = locationOf(await send('POST', `/v2/${repository}/blobs/uploads/`))
  const response = await send('PUT', withParameter(place, 'digest', digest), { body: content, headers: octets })
  if (response.status !== 201) throw new Error(`the blob was answered by ${response.status}: ${await response.text()}`)
  return { mediaType: mediaTypes.layer, digest, size: Buffer.byteLength(content) }
}

/** A manifest of an image whose blobs are pushed. */
export async function imageFor(repository: string, extra: object = {}): Promise<object> {
  const config = { ...(await pushBlob(repository, '{"os":"linux","architecture":"amd64"}')), mediaType: mediaTypes.config }
  const layers = [await pushBlob(repository, 'layer')]
  return { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers, ...extra }
}

/** PUTs a manifest under a tag, or by its digest when there is none. */
export async function putManifest(
  repository: string,
  manifest: object | Buffer,
  { tag, query = '', algorithm = 'sha256' }: PutOptions = {},
): Promise<Pushed> {
  const bytes = Buffer.isBuffer(manifest) ? manifest : Buffer.from(JSON.stringify(manifest))
  const { mediaType = mediaTypes.manifest } = JSON.parse(bytes.toString()) as { mediaType?: string }
  const digest = digestOf(bytes, algorithm)
  const response = await send('PUT', `/v2/${repository}/manifests/${tag ?? digest}${query}`, {
    body: bytes,
    headers: { 'content-type': mediaType },
  })
  return { mediaType, digest, size: bytes.length, bytes, response }
}

interface PutOptions {
  readonly tag?: string
  readonly query?: string
  readonly algorithm?: string
}

/** An image under a tag, which must be taken. */
export async function pushImage(repository: string, tag: string, extra: object = {}): Promise<Pushed> {
  const pushed = await putManifest(repository, await imageFor(repository, extra), { tag })
  if (pushed.response.status !== 201) throw new Error(`the manifest was answered by ${pushed.response.status}`)
  return pushed
}

/** The codes of an error body; empty when it is none. */
export async function codesOf(response: Response): Promise<readonly string[]> {
  const text = await response.text()
  if (!response.headers.get('content-type')?.includes('json')) return []
  const { errors } = JSON.parse(text) as { errors: { code: string }[] }
  return errors.map(({ code }) => code)
}

export const octets = { 'content-type': 'application/octet-stream' }
