import { objectsIn, type Scenario } from './recording.ts'

export interface Image {
  readonly repository: string
  readonly digest: string | undefined
  readonly tags: readonly string[]
  readonly manifest: object | undefined
  /** As the API showed it. */
  readonly view: Readonly<Record<string, unknown>> | undefined
}

/** Images that are read before they are pushed, in the order they are needed. */
export function imagesOf({ exchanges }: Scenario): readonly Image[] {
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

export interface Hung {
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
export function accessoriesOf({ exchanges }: Scenario): readonly Hung[] {
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
