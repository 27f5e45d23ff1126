import { sha256 } from '../../src/base/digest.ts'
import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import { request } from '../fakes/harbor/registry.ts'
import { addScanner } from '../fakes/harbor/routes/scanners.ts'
import { addProject, addUser, type Permission, type Project, type Robot } from '../fakes/harbor/state.ts'
import { type Contents, imageConfig } from './content.ts'
import { objectsIn, type Scenario } from './recording.ts'
import type { Scene } from './scenes.ts'

const people = ['alice', 'bob', 'carol', 'dave']
const usual = { alice: 2, carol: 3, dave: 4 }
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** Everything that was there before a scenario began, as far as its exchanges tell. */
export async function setStage(
  harbor: FakeHarbor,
  scenario: Scenario,
  { scene, contents }: { scene: Scene; contents: Contents },
): Promise<void> {
  const { state } = harbor
  state.ids.set('user', 3)
  for (const name of people) addUser(state, name)
  if (scene.scanner ?? (shows(scenario, '/additions/vulnerabilities"') || scans(scenario))) addScanner(state)
  for (const { name, id, quota } of projectsOf(scenario)) stageProject(harbor, { name, id, quota }, scene)
  for (const { name, permissions, id } of robotsOf(scenario))
    stageRobot(harbor, { name, permissions: scene.robots?.[name] ?? permissions, id })
  const settings = new Map(state.projects.map((project) => [project, new Map(project.metadata)]))
  for (const project of state.projects) for (const name of project.metadata.keys()) if (name !== 'public') project.metadata.delete(name)
  const staged = imagesOf(scenario).filter(({ repository }) => state.projects.some(({ name }) => repository.startsWith(`${name}/`)))
  for (const image of staged) await push(harbor, image, contents)
  for (const one of accessoriesOf(scenario)) await pushAccessory(harbor, one, contents)
  for (const [project, metadata] of settings) for (const [name, value] of metadata) project.metadata.set(name, value)
  await scene.before?.(harbor, contents)
}

function shows({ exchanges }: Scenario, text: string): boolean {
  return exchanges.some(({ res }) => JSON.stringify(res.body ?? '').includes(text))
}

function scans({ exchanges }: Scenario): boolean {
  return exchanges.some(({ req, res }) => req.path.endsWith('/scan') && res.status === 202)
}

interface Staged {
  readonly name: string
  readonly id: number | undefined
  readonly quota: number | undefined
}

/** Projects that are used before they are made, or never made. */
function projectsOf({ exchanges }: Scenario): readonly Staged[] {
  const made = new Set<string>()
  const used = new Set<string>()
  const ids = new Map<string, number>()
  const quotas = new Map<string, number>()
  for (const { req, res } of exchanges) {
    if (req.method === 'POST' && /\/projects$/.test(req.path) && res.status === 201) made.add(String(Object(req.body).project_name))
    for (const name of namesIn(`${req.path} ${JSON.stringify(req.body ?? '')}`))
      if (!made.has(name) && !isUnknown(name, res)) used.add(name)
    for (const object of objectsIn(res.body)) {
      const { name, project_id: id, repository_name: repository, ref, id: own } = object
      if (typeof id === 'number' && typeof (repository ?? name) === 'string') ids.set(String(repository ?? name).split('/')[0] ?? '', id)
      if (typeof ref === 'object' && ref !== null && typeof own === 'number') {
        ids.set(String(Object(ref).name), Number(Object(ref).id))
        quotas.set(String(Object(ref).name), own)
      }
    }
  }
  return [...used].filter((name) => name !== 'library').map((name) => ({ name, id: ids.get(name), quota: quotas.get(name) }))
}

function namesIn(text: string): readonly string[] {
  const decoded = text.replaceAll('%2F', '/').replaceAll('%3A', ':')
  const found = [
    ...decoded.matchAll(/\/projects\/([^/?" ]+)/g),
    ...decoded.matchAll(/\/v2\/([^/]+)\/./g),
    ...decoded.matchAll(/[?&]from=([^/]+)\//g),
    ...decoded.matchAll(/repository:([^/:]+)\//g),
    ...decoded.matchAll(/project_name=([^& ]+)/g),
    ...decoded.matchAll(/"namespace":"([^"*/]+)"/g),
  ].map(([, name = '']) => name)
  return found.filter((name) => /^[a-z][a-z0-9-]*$/.test(name) && name !== 'nope' && name !== 'noproject')
}

function isUnknown(name: string, { body }: Scenario['exchanges'][number]['res']): boolean {
  return JSON.stringify(body ?? '').includes(`project ${name} not found`)
}

function stageProject({ state }: FakeHarbor, { name, id, quota }: Staged, scene: Scene): void {
  const [admin] = state.users
  if (admin === undefined) return
  if (id !== undefined) state.ids.set('project', id)
  else state.ids.set('project', 500 + state.projects.length)
  state.ids.set('quota', quota ?? 500 + state.projects.length)
  const metadata = { public: /pub$/.test(name) ? 'true' : 'false', ...scene.projects?.[name]?.metadata }
  const project: Project = addProject(state, name, { owner: admin, metadata, hard: scene.projects?.[name]?.hard ?? -1 })
  for (const [user, role] of Object.entries(scene.projects?.[name]?.members ?? usual)) {
    const known = state.users.find((one) => one.name === user)
    if (known !== undefined) project.members.push({ id: 500 + project.members.length, user: known, role })
  }
}

/** Robots that are used and never made; what they may is in the note of their first request. */
function robotsOf({ exchanges }: Scenario): readonly { name: string; id: number | undefined; permissions: readonly Permission[] }[] {
  const made = new Set(
    exchanges.flatMap(({ req, res }) => (req.path.endsWith('/robots') && res.status === 201 ? [String(Object(res.body).name)] : [])),
  )
  const ids = new Map(
    [...objectsIn(exchanges.map(({ res }) => res.body))].flatMap(({ name, id, level }) =>
      level !== undefined ? [[String(name), Number(id)] as const] : [],
    ),
  )
  const found = new Map<string, Permission[]>()
  for (const { who = '', req, note = '' } of exchanges) {
    if (!who.startsWith('robot$') || made.has(who) || made.has(who.replace('robot$', 'bot-'))) continue
    const project = /^robot\$(.+)\+/.exec(who)?.[1]
    const named = [
      ...(note.startsWith('scan gate set') ? 'scan:create artifact:read artifact-addition:read' : note).matchAll(
        /([a-z]+(?:-[a-z]+)*):([a-z]+)/g,
      ),
    ]
    const access = named.map(([, resource = '', action = '']) => ({ resource, action }))
    const known = found.get(who) ?? []
    found.set(who, [...known, { kind: 'project', namespace: project ?? '*', access: access.length > 0 ? access : usualAccess(req.path) }])
  }
  return [...found].map(([name, permissions]) => ({ name, id: ids.get(name), permissions }))
}

function usualAccess(path: string): Permission['access'] {
  return path.includes('/repositories') ? [{ resource: 'repository', action: 'list' }] : [{ resource: 'repository', action: 'pull' }]
}

function stageRobot(
  { state }: FakeHarbor,
  { name, permissions, id }: { name: string; permissions: readonly Permission[]; id: number | undefined },
): void {
  const [, project, short = name.slice('robot$'.length)] = /^robot\$(.+)\+(.+)$/.exec(name) ?? []
  const created = new Date(state.now()).toISOString()
  const robot: Robot = {
    ...{
      id: id ?? 500 + state.robots.length,
      short,
      level: project === undefined ? 'system' : 'project',
      created,
      updated: created,
      creator: 1,
    },
    ...{ creatorType: 'local', description: undefined, disabled: false, duration: 5 },
    ...{ expires: Math.floor(state.now() / 1000) + 5 * 86_400, secret: `${name}-Secret1`, permissions: merged(permissions) },
  }
  state.robots.push(robot)
}

function merged(permissions: readonly Permission[]): readonly Permission[] {
  const [first] = permissions
  return first === undefined ? [] : [{ ...first, access: permissions.flatMap(({ access }) => access) }]
}

interface Image {
  readonly repository: string
  readonly digest: string | undefined
  readonly tags: readonly string[]
  readonly manifest: object | undefined
  /** As the API showed it. */
  readonly view: Readonly<Record<string, unknown>> | undefined
}

/** Images that are read before they are pushed, in the order they are needed. */
function imagesOf({ exchanges }: Scenario): readonly Image[] {
  const views = new Map<string, Readonly<Record<string, unknown>>>()
  const manifests = new Map<string, object>()
  const tagged = new Map<string, string>()
  for (const { req, res } of exchanges) {
    for (const object of objectsIn(res.body)) {
      const { repository_name: repository, digest, tags } = object
      if (typeof repository !== 'string' || typeof digest !== 'string' || object['manifest_media_type'] === undefined) continue
      if (!views.has(`${repository}@${digest}`)) views.set(`${repository}@${digest}`, object)
      if (Array.isArray(tags))
        for (const tag of tags) if (!tagged.has(`${repository}:${tag.name}`)) tagged.set(`${repository}:${tag.name}`, digest)
    }
    const [, project, short, of] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\/([^/?]+)(?:\?|$)/.exec(req.path) ?? []
    const read = Object(res.body).digest
    const named = `${project}/${decodeURIComponent(decodeURIComponent(short ?? ''))}:${of}`
    if (typeof read === 'string' && req.method === 'GET' && of?.includes('sha256') === false && !tagged.has(named)) tagged.set(named, read)
    const [, repository, reference = ''] = /^\/v2\/(.+)\/manifests\/([^?]+)/.exec(req.path) ?? []
    const digest = res.headers['docker-content-digest']
    if (repository === undefined || digest === undefined || req.method === 'PUT' || res.status !== 200) continue
    if (!reference.startsWith('sha256:') && !tagged.has(`${repository}:${reference}`)) tagged.set(`${repository}:${reference}`, digest)
    if (typeof res.body === 'object' && res.body !== null) manifests.set(digest, res.body)
  }
  for (const { req, res } of exchanges) {
    const [, project, short, from] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\?from=(.+)$/.exec(req.path) ?? []
    const source = decodeURIComponent(from ?? '')
    const copied = tagged.get(`${project}/${decodeURIComponent(decodeURIComponent(short ?? ''))}:${source.split(':')[1]}`)
    if (res.status === 201 && copied !== undefined && !tagged.has(source)) tagged.set(source, copied)
  }
  return needed(exchanges, { views, manifests, tagged, made: madeTags(exchanges) })
}

/** Tags that are made in the scenario, and so were not there before. */
function madeTags(exchanges: Scenario['exchanges']): ReadonlySet<string> {
  const made = exchanges.flatMap(({ req, res }) => {
    const [, project, short] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\/[^/]+\/tags$/.exec(req.path) ?? []
    return req.method === 'POST' && res.status === 201 ? [`${project}/${short}:${Object(req.body).name}`] : []
  })
  return new Set(made)
}

function isSbom(manifest: object | undefined): boolean {
  return String(Object(Object(manifest).config).mediaType).includes('.sbom.')
}

interface Known {
  readonly made: ReadonlySet<string>
  readonly views: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly manifests: ReadonlyMap<string, object>
  readonly tagged: ReadonlyMap<string, string>
}

function needed(exchanges: Scenario['exchanges'], { views, manifests, tagged, made }: Known): readonly Image[] {
  const images = new Map<string, Image>()
  const have = new Set<string>()
  const want = (repository: string, reference: string): void => {
    const isDigest = reference.startsWith('sha256:')
    const digest = isDigest ? reference : tagged.get(`${repository}:${reference}`)
    const key = `${repository}@${digest ?? reference}`
    // Harbor pushes SBOMs itself, when a scan ends.
    if (have.has(`${repository}:${reference}`) || have.has(key) || isSbom(manifests.get(digest ?? ''))) return
    have.add(`${repository}:${reference}`)
    const known = images.get(key)
    const tags = [...(known?.tags ?? []), ...(isDigest ? [] : [reference])]
    const view = views.get(key)
    const shown = Array.isArray(view?.['tags']) && known === undefined ? view['tags'].map(({ name }) => String(name)) : []
    for (const { child_digest: child } of Array.isArray(view?.['references']) ? view['references'] : []) want(repository, child)
    images.delete(key)
    images.set(key, {
      repository,
      digest,
      tags: [...new Set([...tags, ...shown.filter((tag) => !have.has(`${repository}:${tag}`) && !made.has(`${repository}:${tag}`))])],
      manifest: manifests.get(digest ?? ''),
      view,
    })
    for (const tag of shown) have.add(`${repository}:${tag}`)
  }
  for (const { req, res } of exchanges) {
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^?]+)/.exec(req.path) ?? []
    const digest = res.headers['docker-content-digest']
    if (req.method === 'PUT' && repository !== '' && res.status === 201) {
      have.add(`${repository}:${reference}`).add(`${repository}@${digest}`)
      continue
    }
    if (repository !== '' && [200, 412, 304].includes(res.status)) want(repository, reference)
    const [, project, short, of] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\/([^/?]+)/.exec(req.path) ?? []
    if (project !== undefined && short !== undefined && of !== undefined && [200, 201, 202, 409, 412].includes(res.status)) {
      want(`${project}/${decodeURIComponent(decodeURIComponent(short))}`, decodeURIComponent(of))
    }
    const [, from, mark, name] = /^\/api.*[?&]from=([^:@&]+)([:@])([^&]+)/.exec(decodeURIComponent(req.path)) ?? []
    if (from !== undefined && name !== undefined && mark !== undefined && res.status === 201 && req.method === 'POST') want(from, name)
    const [, into, copied] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\?from=/.exec(req.path) ?? []
    if (into !== undefined && copied !== undefined && res.status === 201)
      have.add(`${into}/${decodeURIComponent(decodeURIComponent(copied))}:${name}`)
    if (req.method !== 'GET' || !Array.isArray(res.body)) continue
    for (const { repository_name: of, digest: shown } of [...objectsIn(res.body)].toReversed()) {
      if (typeof of === 'string' && typeof shown === 'string' && views.has(`${of}@${shown}`)) want(of, shown)
    }
  }
  return [...images.values()]
}

/** Pushes an image that is like the one that was there, but for bytes that nobody recorded. */
export async function push(harbor: FakeHarbor, { repository, digest, tags, manifest, view }: Image, contents: Contents): Promise<string> {
  const made =
    manifest === undefined
      ? await synthesised(harbor, { repository, digest, view, tags }, contents)
      : await withBlobs(harbor, { repository, manifest }, contents)
  const bytes = Buffer.from(contents.ours(JSON.stringify(made)))
  const type = String(Object(made).mediaType ?? manifestType)
  const own = sha256(bytes)
  await send(harbor, 'PUT', `/v2/${repository}/manifests/${own}`, { body: bytes, type })
  for (const tag of tags) await send(harbor, 'PUT', `/v2/${repository}/manifests/${tag}`, { body: bytes, type })
  if (digest !== undefined) contents.learn(digest, own)
  return own
}

interface Hung {
  readonly repository: string
  readonly subject: string
  readonly digest: string
  readonly artifactType: string
  readonly annotations: object | undefined
}

const typeOf: Readonly<Record<string, string>> = {
  'signature.cosign': 'application/vnd.dev.sigstore.bundle.v0.3+json',
  'signature.notation': 'application/vnd.cncf.notary.signature',
}

/** What hung on images before, by lists of referrers and accessories. What is pushed in the scenario comes by itself, SBOMs by their scan. */
function accessoriesOf({ exchanges }: Scenario): readonly Hung[] {
  const pushed = new Set(exchanges.flatMap(({ req, res }) => (req.method === 'PUT' ? [res.headers['docker-content-digest']] : [])))
  const copied = new Set(
    exchanges.flatMap(({ req }) => /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\?from=/.exec(req.path)?.slice(1).join('/') ?? []),
  )
  const found = new Map<string, Hung>()
  for (const { req, res } of exchanges) {
    const [, repository, subject] = /^\/v2\/(.+)\/referrers\/(sha256:[0-9a-f]{64})/.exec(req.path) ?? []
    const listed = Object(res.body).manifests
    if (repository !== undefined && subject !== undefined && Array.isArray(listed)) {
      for (const { digest, artifactType, annotations } of listed.filter((one) => typeof one === 'object')) {
        if (!found.has(digest)) found.set(digest, { repository, subject, digest, artifactType, annotations })
      }
    }
    for (const { digest, type, subject_artifact_digest: of, subject_artifact_repo: where } of objectsIn(res.body)) {
      if (typeof of !== 'string' || type === 'sbom.harbor' || copied.has(String(where)) || found.has(String(digest))) continue
      const artifactType = typeOf[String(type)] ?? 'application/x.note'
      found.set(String(digest), { repository: String(where), subject: of, digest: String(digest), artifactType, annotations: undefined })
    }
  }
  return [...found.values()].filter(
    ({ digest, artifactType, annotations }) =>
      !pushed.has(digest) && !String(artifactType).includes('sbom') && Object(annotations)['created-by'] !== 'Harbor',
  )
}

async function pushAccessory(
  harbor: FakeHarbor,
  { repository, subject, digest, artifactType, annotations }: Hung,
  contents: Contents,
): Promise<void> {
  const empty = Buffer.from('{}')
  await pushBlob(harbor, repository, empty)
  const blob = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: 2 }
  const layers = [{ ...blob, annotations: { of: digest } }]
  const of = { mediaType: manifestType, digest: contents.ours(subject), size: 401 }
  const isConfig = artifactType === 'application/vnd.oci.image.config.v1+json'
  const typed = isConfig ? { config: { ...blob, mediaType: artifactType } } : { artifactType, config: blob }
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    ...typed,
    layers,
    subject: of,
    ...(annotations === undefined ? {} : { annotations }),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  await send(harbor, 'PUT', `/v2/${repository}/manifests/${sha256(bytes)}`, { body: bytes, type: manifestType })
  contents.learn(digest, sha256(bytes))
}

async function withBlobs(
  harbor: FakeHarbor,
  { repository, manifest }: { repository: string; manifest: object },
  contents: Contents,
): Promise<object> {
  const { config, layers } = Object(manifest)
  for (const { digest, size } of [config, ...(layers ?? [])].filter(Boolean)) {
    await pushBlob(harbor, repository, contents.of(String(digest).slice('sha256:'.length), Number(size)))
  }
  return manifest
}

async function synthesised(
  harbor: FakeHarbor,
  { repository, digest, view, tags }: Omit<Image, 'manifest'>,
  contents: Contents,
): Promise<object> {
  const { references, media_type: configType, manifest_media_type: mediaType, annotations, artifact_type: artifactType } = Object(view)
  const seed = digest ?? `${repository}:${tags[0]}`
  const shared = { schemaVersion: 2, mediaType: mediaType ?? manifestType, ...(annotations === undefined ? {} : { annotations }) }
  if (Array.isArray(references) && references.length > 0) {
    const platforms = references.map(({ child_digest: child, platform: { OsFeatures: _, ...platform } }) => ({
      mediaType: manifestType,
      digest: child,
      size: 401,
      platform,
    }))
    return { ...shared, manifests: platforms }
  }
  const isImage = configType === undefined || String(configType).includes('image')
  const config = isImage ? imageConfig(seed) : Buffer.from('{}')
  const layer = Buffer.from(`layer of ${seed}`.repeat(20).slice(0, 200))
  await pushBlob(harbor, repository, config)
  await pushBlob(harbor, repository, layer)
  const type = String(configType ?? 'application/vnd.oci.image.config.v1+json')
  const own = artifactType === undefined || artifactType === configType ? {} : { artifactType }
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(layer), size: layer.length }]
  contents.learn('0'.repeat(64), '0'.repeat(64))
  return { ...shared, ...own, config: { mediaType: type, digest: sha256(config), size: config.length }, layers }
}

export async function pushBlob(harbor: FakeHarbor, repository: string, bytes: Buffer): Promise<void> {
  const begun = await send(harbor, 'POST', `/v2/${repository}/blobs/uploads/`)
  await send(harbor, 'PUT', `${begun.headers.get('location')}&digest=${sha256(bytes)}`, { body: bytes, type: 'application/octet-stream' })
}

/** Whether a repository has a blob, whoever may see it. */
export async function hasBlob(harbor: FakeHarbor, repository: string, bytes: Buffer): Promise<boolean> {
  return (await harbor.inner(request('HEAD', `/v2/${repository}/blobs/${sha256(bytes)}`))).status === 200
}

/** A step of an upload that was not recorded; gives the next location. */
export async function quietly(harbor: FakeHarbor, method: string, path: string, body?: Buffer): Promise<string> {
  const answer = await send(harbor, method, path, body === undefined ? {} : { body, type: 'application/octet-stream' })
  return answer.headers.get('location') ?? ''
}

async function send(
  harbor: FakeHarbor,
  method: string,
  path: string,
  { body, type }: { body?: Buffer; type?: string } = {},
): Promise<Response> {
  const authorization = `Basic ${Buffer.from('admin:admin-Passw0rd').toString('base64')}`
  const answer = await fetch(new URL(path, harbor.url), {
    method,
    headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  })
  if (answer.status >= 400) throw new Error(`staging: ${method} ${path} was answered by ${answer.status}: ${await answer.text()}`)
  return answer
}
