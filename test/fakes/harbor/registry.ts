import { isDigest, sha256 } from '../../../src/base/digest.ts'
import { isRepository, isTag } from '../../../src/base/reference.ts'
import { type Asked, lengthOf, type Registry, type Reply } from '../../../src/domain/registry/exchange.ts'
import { Answered, badRequest, denied, done, errors, json, notFound, pageSize, precondition, Refused, text } from './answers.ts'
import { ensureRepository, enter, invalid, parseManifest, remove } from './artifacts.ts'
import { isImmutable, requirePullable, requireRemovable, requireRoom, requireWritable } from './policies.ts'
import { findProject } from './rights.ts'
import type { Scans } from './scans.ts'
import { type Artifact, artifactOf, type Project, type Repository, repositoryOf, type State, usedBy } from './state.ts'
import type { V2Access } from './v2-access.ts'

export interface RegistryParts {
  readonly state: State
  readonly scans: Scans
  /** The embedded registry, which keeps the bytes. */
  readonly inner: Registry
  readonly access: V2Access
  /** Told of each manifest that came in. */
  readonly pushed: (repository: Repository, artifact: Artifact) => void
}

interface V2Route {
  readonly name: string
  readonly project: string
  readonly short: string
  readonly kind: 'manifests' | 'blobs' | 'uploads' | 'tags' | 'referrers'
  readonly last: string
}

const mostManifest = 4 * 1024 * 1024

/** `/v2` as Harbor has it: who may, what the project asks, what the quota leaves, and then the registry behind. */
export function createRegistryFront({ state, scans, inner, access, pushed }: RegistryParts): Registry {
  return async (given) => {
    const asked = { ...given, path: given.path.replace(/%2F/gi, '/').replace(/\/{2,}/g, '/') }
    if (state.down.has('registry') && !asked.path.endsWith('/tags/list')) return done(502)
    if (asked.path === '/v2/') return access.base(asked)
    if (asked.path === '/v2/_catalog') return access.catalog(asked)
    if (asked.path.endsWith('/') && !asked.path.endsWith('/uploads/'))
      return text('404 page not found\n', { status: 404, type: 'text/plain; charset=utf-8' })
    const route = routeOf(asked)
    const bearer = await access.require(asked, route)
    const project = findProject(state, route.project, true)
    if (project === undefined) throw notFound(`project ${route.project} not found`)
    if (!['GET', 'HEAD'].includes(asked.method)) requireWritable(state)
    if (['POST', 'PUT', 'PATCH'].includes(asked.method) && project.registry !== undefined) {
      throw denied(`denied: can not push artifact to a proxy project: ${project.name}`)
    }
    const upstream = project.registry === undefined ? route : upstreamOf(route)
    return dispatch(asked, { route: upstream, project, bypass: bearer })
  }

  /** A proxy has what the other registry has; here that is this one. */
  function upstreamOf(route: V2Route): V2Route {
    if (route.kind === 'manifests' && artifactOf(repositoryOf(state, route.short), route.last) === undefined) {
      throw notFound(`resource not found: repo ${route.name}, tag ${route.last} not found`)
    }
    return route.kind === 'manifests' || route.kind === 'tags' ? { ...route, name: route.short } : route
  }

  async function dispatch(asked: Asked, { route, project, bypass }: { route: V2Route; project: Project; bypass: boolean }): Promise<Reply> {
    switch (route.kind) {
      case 'tags':
        return tags(asked, route)
      case 'referrers':
        return referrers(asked, route)
      case 'manifests':
        if (asked.method === 'PUT') return putManifest(asked, { route, project })
        return asked.method === 'DELETE' ? deleteManifest(route) : getManifest(asked, { route, bypass })
      case 'uploads':
        return upload(asked, { route, project })
      case 'blobs':
        return blob(asked, route)
    }
  }

  function requireArtifact({ name, last }: V2Route): { repository: Repository; artifact: Artifact } {
    const repository = repositoryOf(state, name)
    if (repository === undefined) throw notFound(`repository ${name} not found`)
    const artifact = artifactOf(repository, last)
    if (artifact === undefined) throw notFound(`artifact ${name}${isDigest(last) ? '@' : ':'}${last} not found`)
    return { repository, artifact }
  }

  async function getManifest(asked: Asked, { route, bypass }: { route: V2Route; bypass: boolean }): Promise<Reply> {
    const found = requireArtifact(route)
    if (!bypass) requirePullable(state, scans, found)
    const { digest, manifestType } = found.artifact
    const isIndex = manifestType.includes('index')
    if (manifestType.includes('.oci.') && !(asked.headers.accept ?? '').includes(manifestType)) {
      const what = isIndex
        ? 'OCI index found, but accept header does not support OCI indexes'
        : 'OCI manifest found, but accept header does not support OCI manifests'
      throw new Refused(404, 'MANIFEST_UNKNOWN', what)
    }
    if (asked.headers['if-none-match'] === `"${digest}"`) return done(304, { etag: `"${digest}"` })
    const { status, headers, body } = await inner({ ...asked, path: `/v2/${route.name}/manifests/${digest}`, headers: {} })
    const { 'accept-ranges': _, ...rest } = headers
    return { status, headers: rest, ...(body === undefined ? {} : { body }) }
  }

  async function putManifest(asked: Asked, { route, project }: { route: V2Route; project: Project }): Promise<Reply> {
    const { name, short, last } = route
    if (!last.startsWith('sha') && !isTag(last)) throw badRequest(`bad request: invalid tag name: ${last}`)
    const contentType = asked.headers['content-type']
    const bytes = await wholeBody(asked)
    const tag = isTag(last) ? last : undefined
    const known = repositoryOf(state, name)
    if (tag !== undefined && known?.tags.has(tag) === true && isImmutable(project, { short, tag })) {
      throw precondition(`Failed to process request due to '${short}:${tag}' configured as immutable.`)
    }
    const manifest = parseManifest(bytes, contentType)
    const digest = sha256(bytes)
    if (tag === undefined && last !== digest) throw new Refused(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    await requireBlobs(name, manifest)
    if (known?.artifacts.has(digest) !== true) requireRoom(project, { used: usedBy(state, project), more: bytes.length })
    const reply = await inner({ ...asked, path: `/v2/${name}/manifests/${digest}`, query: new URLSearchParams(), body: bodyOf(bytes) })
    if (reply.status !== 201) throw invalid('manifest invalid')
    const repository = ensureRepository(state, project, name)
    const readConfig = (config: string): Promise<Buffer> => readBlob(name, config)
    const artifact = await enter(state, repository, { bytes, manifest, contentType: contentType ?? '', tag, readConfig })
    pushed(repository, artifact)
    const subject = manifest.subject === undefined ? {} : { 'oci-subject': manifest.subject.digest }
    return done(201, { location: `${access.origin(asked)}/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...subject })
  }

  /** Every one that is missing is named. */
  async function requireBlobs(name: string, manifest: ReturnType<typeof parseManifest>): Promise<void> {
    const repository = repositoryOf(state, name)
    const blobs = [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])].map(({ digest }) => digest)
    const lacking = (manifest.manifests ?? []).map(({ digest }) => digest).filter((digest) => repository?.artifacts.has(digest) !== true)
    for (const digest of blobs) if ((await inner(request('HEAD', `/v2/${name}/blobs/${digest}`))).status !== 200) lacking.push(digest)
    if (lacking.length === 0) return
    const entries = lacking.map((detail) => ({ code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail }))
    throw new Answered(errors(400, entries))
  }

  async function deleteManifest(route: V2Route): Promise<Reply> {
    if (!isDigest(route.last)) throw new Refused(400, 'UNSUPPORTED', `unsupported digest ${route.last}: invalid checksum digest format`)
    const { repository, artifact } = requireArtifact(route)
    requireRemovable(repository, artifact)
    remove(state, repository, artifact)
    return done(202)
  }

  async function upload(asked: Asked, { route, project }: { route: V2Route; project: Project }): Promise<Reply> {
    const { method, query } = asked
    const used = usedBy(state, project)
    if (method !== 'POST') await requireState(asked)
    if (method === 'POST') requireRoom(project, { used, more: 0 })
    if (method === 'POST' && query.get('mount') === null) query.delete('digest')
    const sent = method === 'PUT' ? requireDigest(query) : undefined
    const size = Number(asked.headers['content-length'] ?? 0)
    if (method === 'PUT' && size > 0) requireRoom(project, { used, more: size })
    const { 'content-range': _, ...headers } = asked.headers
    // Harbor takes the body of a POST for nothing.
    const reply = await inner(method === 'POST' ? { ...asked, headers, body: bodyOf(Buffer.alloc(0)) } : { ...asked, headers })
    const made = query.get('mount') ?? sent
    if (reply.status === 201 && made !== undefined && made !== null) project.blobs.set(made, await sizeOf(route.name, made))
    const answer = located(asked, registryWords(reply, sent))
    return method === 'DELETE' ? { ...answer, headers: { ...answer.headers, 'docker-upload-uuid': route.last } } : answer
  }

  /** Each answer gives a state, and the next request must bring the last one. */
  async function requireState(asked: Asked): Promise<void> {
    const given = asked.query.get('_state') ?? ''
    asked.query.delete('_state')
    const { status, headers } = await inner({ ...asked, method: 'GET', body: bodyOf(Buffer.alloc(0)) })
    const invalid = { code: 'BLOB_UPLOAD_INVALID', message: 'blob upload invalid' }
    if (!/^[\w-]+$/.test(given)) throw new Answered(errors(404, [{ ...invalid, detail: 0 }]))
    if (status === 204 && given !== stateOf(headers)) throw new Answered(errors(404, [invalid]))
  }

  function requireDigest(query: URLSearchParams): string {
    const digest = query.get('digest')
    if (digest === null) throw badRequest('exist blob require digest')
    if (isDigest(digest)) return digest
    const error = { code: 'DIGEST_INVALID', message: 'provided digest did not match uploaded content', detail: 'digest parsing failed' }
    throw new Answered(errors(400, [error]))
  }

  /** The errors of docker-registry, with its details. */
  function registryWords({ status, headers, body }: Reply, digest?: string): Reply {
    const error =
      status === 400 && digest !== undefined
        ? { code: 'DIGEST_INVALID', message: 'provided digest did not match uploaded content', detail: { Digest: digest, Reason: {} } }
        : status === 404
          ? { code: 'BLOB_UPLOAD_UNKNOWN', message: 'blob upload unknown to registry', detail: {} }
          : undefined
    if (error === undefined) return { status, headers, ...(body === undefined ? {} : { body }) }
    return errors(status, [error])
  }

  /** Locations have a state in them, and name Harbor as its caller does. */
  function located(asked: Asked, { status, headers, body }: Reply): Reply {
    const { location } = headers
    if (typeof location !== 'string') return { status, headers, ...(body === undefined ? {} : { body }) }
    const mark = location.includes('/uploads/') ? `?_state=${stateOf(headers)}` : ''
    return {
      status,
      headers: { ...headers, location: `${access.origin(asked)}${location}${mark}` },
      ...(body === undefined ? {} : { body }),
    }
  }

  async function blob(asked: Asked, { last }: V2Route): Promise<Reply> {
    const reply = await inner(asked)
    if (asked.method === 'HEAD' && reply.status === 400) return { ...reply, status: 404 }
    if (reply.status !== 404 || asked.method === 'HEAD') return reply
    return errors(404, [{ code: 'BLOB_UNKNOWN', message: 'blob unknown to registry', detail: last }])
  }

  function tags({ method, query, path }: Asked, { name }: V2Route): Reply {
    if (method === 'HEAD')
      return {
        ...text('', { status: 405, type: 'text/plain; charset=utf-8' }),
        headers: { allow: 'GET', 'content-type': 'text/plain; charset=utf-8' },
      }
    const repository = repositoryOf(state, name)
    if (repository === undefined) throw notFound(`repository ${name} not found`)
    const all = [...repository.tags.keys()].toSorted().filter((tag) => tag > (query.get('last') ?? ''))
    const count = pageSize(query) ?? all.length
    const names = all.slice(0, count)
    const more = count > 0 && names.length < all.length
    return json(
      { name, tags: names },
      more ? { link: `<${path}?last=${encodeURIComponent(names.at(-1) ?? '')}&n=${count}>; rel="next"` } : {},
    )
  }

  /** All in one answer, whatever page was asked for. */
  function referrers({ query }: Asked, { name, last }: V2Route): Reply {
    if (!isDigest(last)) throw badRequest(`unsupported digest ${last}: invalid checksum digest format`)
    const all = [...(repositoryOf(state, name)?.artifacts.values() ?? [])].filter(({ accessory }) => accessory?.subject === last)
    const wanted = query.get('artifactType')
    const manifests = all
      .map(({ manifestType: mediaType, digest, manifest, annotations, artifactType }) => ({
        ...{ mediaType, digest, size: manifest.length },
        ...(annotations === undefined ? {} : { annotations }),
        ...(artifactType === undefined ? {} : { artifactType }),
      }))
      .filter(({ artifactType }) => wanted === null || artifactType === wanted)
    const type = 'application/vnd.oci.image.index.v1+json'
    const filters = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }
    return json({ schemaVersion: 2, mediaType: type, manifests }, { 'content-type': type, 'x-total-count': String(all.length), ...filters })
  }

  async function sizeOf(name: string, digest: string): Promise<number> {
    return lengthOf(await inner(request('GET', `/v2/${name}/blobs/${digest}`)))
  }

  async function readBlob(name: string, digest: string): Promise<Buffer> {
    const { body } = await inner(request('GET', `/v2/${name}/blobs/${digest}`))
    if (body === undefined || Buffer.isBuffer(body)) return body ?? Buffer.alloc(0)
    const { readFile } = await import('node:fs/promises')
    return readFile(body.path)
  }
}

function stateOf({ range }: Reply['headers']): string {
  return Buffer.from(String(range)).toString('base64url')
}

function routeOf({ method, path }: Asked): V2Route {
  const [, name = '', written, last = ''] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/([^/]*)$/.exec(path) ?? []
  const isKnown = written !== undefined && isRepository(name) && ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method)
  if (!isKnown) {
    const message = `un-recognized request: ${method} ${path}`
    throw new Refused(401, 'UNAUTHORIZED', `${message}: ${message}`, { 'www-authenticate': '' })
  }
  const [project = '', ...rest] = name.split('/')
  if (rest.length === 0) throw badRequest(`bad request: invalid repository name: ${name}`)
  const kind = written === 'blobs/uploads' ? 'uploads' : written
  return { name, project, short: rest.join('/'), kind: kind as V2Route['kind'], last }
}

async function wholeBody({ body }: Asked): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > mostManifest) {
      const entries = [{ code: 'MANIFEST_INVALID', message: 'manifest invalid', detail: 'http: request body too large' }]
      throw new Answered(errors(400, entries))
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

export async function* bodyOf(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes
}

export function request(method: string, path: string, body: Buffer = Buffer.alloc(0)): Asked {
  return { method, target: path, path, query: new URLSearchParams(), headers: {}, body: bodyOf(body) }
}
