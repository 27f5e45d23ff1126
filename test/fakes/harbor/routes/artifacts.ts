import type { Asked, Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, created, done, json, notFound, page, Refused, unprocessable } from '../answers.ts'
import { ensureRepository, isChild, listed, remove, sbomType, setTag } from '../artifacts.ts'
import { requireRemovable } from '../policies.ts'
import { request } from '../registry.ts'
import { findProject, mayIn, requireProject } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { type Artifact, accessoriesOf, artifactOf, nextId, type Repository, repositoryOf, timeOf } from '../state.ts'
import { matching } from '../vocabulary.ts'
import { accessoryView, artifactView } from './artifact-view.ts'
import { own } from './projects.ts'
import { repositoryName } from './repositories.ts'

const one = '/projects/:project/repositories/:repository/artifacts/:reference'

export const artifactRoutes: Routes = {
  'GET /projects/:project/repositories/:repository/artifacts': list,
  'POST /projects/:project/repositories/:repository/artifacts': copy,
  'GET /projects/:project/artifacts': (call) => {
    own(call, 'artifact:list')
    throw badRequest(
      "bad request: either 'media_type' or 'artifact_type' must be specified, but not both, when querying with latest_in_repository",
    )
  },
  [`GET ${one}`]: (call) => {
    const { repository, artifact } = requireArtifact(call, 'artifact:read')
    return json(artifactView(call, repository, artifact))
  },
  [`DELETE ${one}`]: (call) => {
    const { repository, artifact } = requireArtifact(call, 'artifact:delete')
    requireRemovable(repository, artifact)
    if (isChild(repository, artifact.digest))
      throw new Refused(412, 'VIOLATE_FOREIGN_KEY_CONSTRAINT', 'the deleting artifact is referenced by others')
    remove(call.state, repository, artifact)
    return done()
  },
  [`GET ${one}/accessories`]: accessories,
  [`GET ${one}/additions/:addition`]: addition,
}

export function requireArtifact(call: Call, right: string): { repository: Repository; artifact: Artifact } {
  const { state, who, params } = call
  const project = findProject(state, params['project'] ?? '', call.isName)
  const name = repositoryName(call)
  if (project === undefined && who.kind === 'user' && who.user.admin) throw notFound(`repository ${name} not found`)
  own(call, right)
  const reference = params['reference'] ?? ''
  const repository = repositoryOf(state, name)
  const artifact = artifactOf(repository, reference)
  if (repository === undefined || artifact === undefined) throw unknown(name, reference)
  return { repository, artifact }
}

function unknown(name: string, reference: string): Refused {
  const mark = /^sha256:[0-9a-f]{64}$/.test(reference) ? '@' : ':'
  return notFound(`artifact ${name}${mark}${reference} not found`)
}

function list(call: Call): Reply {
  own(call, 'artifact:list')
  const repository = repositoryOf(call.state, repositoryName(call))
  if (repository === undefined) return page([], call)
  const q = call.query.get('q')
  if (/tags=(?:\{|%7B)/.test(decodeURIComponent(q ?? '')))
    throw badRequest('the value of "tags" query can only be fuzzy match value or exact match value')
  const all =
    decodeURIComponent(q ?? '') === 'base=*'
      ? [...repository.artifacts.values()].filter(({ accessory }) => accessory === undefined).toReversed()
      : listed(repository)
  const matches = matching(q)
  const tags = ({ digest }: Artifact): string[] => [...repository.tags.values()].flatMap((tag) => (tag.digest === digest ? [tag.name] : []))
  const found = all.filter((artifact) =>
    matches({ digest: artifact.digest, tags: tags(artifact), labels: artifact.labels.map(String), type: artifact.type }),
  )
  return page(found, call, { shown: (artifact) => artifactView(call, repository, artifact) })
}

function accessories(call: Call): Reply {
  const { repository, artifact } = requireArtifact(call, 'accessory:list')
  const matches = matching(call.query.get('q'))
  const all = accessoriesOf(repository, artifact.digest).filter(({ accessory }) => matches({ type: accessory?.type ?? '' }))
  return page(all, call, { shown: (accessory) => accessoryView(repository, { artifact, accessory }) })
}

const additions = ['build_history', 'values.yaml', 'readme.md', 'dependencies', 'sbom', 'license', 'files']

async function addition(call: Call): Promise<Reply> {
  const name = call.params['addition'] ?? ''
  const { repository, artifact } = requireArtifact(call, 'artifact-addition:read')
  if (name === 'vulnerabilities') return vulnerabilities(call, repository, artifact)
  if (!additions.includes(name)) throw unprocessable(`addition in path should be one of [${additions.join(' ')}]`)
  if (name === 'sbom' && artifact.accessory?.type === 'sbom.harbor') return sbom(call, repository, artifact)
  if (call.state.down.has('registry')) throw new Refused(500, 'UNKNOWN', 'internal server error')
  if (name === 'build_history' && artifact.type === 'IMAGE' && artifact.references.length === 0) return json(artifact.history ?? null)
  const what = artifact.references.length > 0 ? '' : ` for ${artifact.type}(manifest version 2)`
  throw badRequest(`addition ${name.toUpperCase()} isn't supported${what}`)
}

/** `{}` for all that is no finished report of a kind that was asked for. */
function vulnerabilities({ state, scans, headers }: Call, { name, project }: Repository, artifact: Artifact): Reply {
  if (state.scanners.length === 0) throw notFound(`no scanner registration configured for project: ${project.id}`)
  if (artifact.type !== 'IMAGE') throw notFound(`report not found for ${name}@${artifact.digest}`)
  const asked = headers['x-accept-vulnerabilities']
  const wanted =
    asked === undefined
      ? [scans.produces]
      : String(asked)
          .split(',')
          .map((type) => type.trim())
  const report = Object.entries(scans.report(artifact) ?? {}).filter(([type]) => wanted.includes(type))
  return json(Object.fromEntries(report))
}

async function sbom({ registry }: Call, { name }: Repository, artifact: Artifact): Promise<Reply> {
  const [, layer] = [...artifact.blobs.keys()]
  const { body } = await registry(request('GET', `/v2/${name}/blobs/${layer}`))
  return { status: 200, headers: { 'content-type': sbomType }, ...(body === undefined ? {} : { body }) }
}

/** From another repository, with its tag or all its tags, and with what hangs on it. */
async function copy(call: Call): Promise<Reply> {
  const { state, who, query } = call
  const from = query.get('from')
  if (from === null) throw unprocessable('from in query is required')
  const target = own(call, 'artifact:create')
  if (target.registry !== undefined) throw new Refused(405, 'METHOD_NOT_ALLOWED', "the operation isn't supported for a proxy cache project")
  const [, name = from, mark, reference = ''] = /^([^:@]+)([:@])(.+)$/.exec(from) ?? []
  const source = repositoryOf(state, name)
  const artifact = artifactOf(source, reference)
  if (source !== undefined && !mayIn(source.project, who, 'artifact:read')) {
    requireProject(state, who, { written: source.project.name, isName: true, right: 'artifact:read' })
  }
  if (source === undefined || artifact === undefined) throw badRequest(`artifact ${from} not found`)
  const repository = ensureRepository(state, target, repositoryName(call))
  await copyOver(call, { source, repository, artifact })
  const tags = mark === ':' ? [reference] : [...source.tags.values()].flatMap((tag) => (tag.digest === artifact.digest ? [tag.name] : []))
  for (const tag of tags) setTag(state, repository, { name: tag, digest: artifact.digest })
  const path = decodeURIComponent(call.path)
  return created(`${path}/${reference}`)
}

async function copyOver(
  call: Call,
  { source, repository, artifact }: { source: Repository; repository: Repository; artifact: Artifact },
): Promise<void> {
  const { state, registry } = call
  for (const { digest } of artifact.references) {
    const child = source.artifacts.get(digest)
    if (child !== undefined) await copyOver(call, { source, repository, artifact: child })
  }
  for (const blob of artifact.blobs.keys()) {
    const mount = request('POST', `/v2/${repository.name}/blobs/uploads/`)
    const query = new URLSearchParams({ mount: blob, from: source.name })
    await registry({ ...mount, query } satisfies Asked)
  }
  const put = request('PUT', `/v2/${repository.name}/manifests/${artifact.digest}`, artifact.manifest)
  await registry({ ...put, headers: { 'content-type': artifact.manifestType } })
  const made = { id: nextId(state, 'artifact'), pushed: timeOf(state), labels: [] }
  if (!repository.artifacts.has(artifact.digest)) repository.artifacts.set(artifact.digest, { ...artifact, ...made })
  for (const [digest, size] of artifact.blobs) repository.project.blobs.set(digest, size)
  for (const accessory of accessoriesOf(source, artifact.digest)) await copyOver(call, { source, repository, artifact: accessory })
}
