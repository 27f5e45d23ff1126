import { sha256 } from '../../../src/base/digest.ts'
import { Refused } from './answers.ts'
import { type Artifact, nextId, type Project, type Reference, type Repository, type State, timeOf } from './state.ts'

/** What Harbor takes from a manifest. */
interface Manifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: { readonly mediaType: string; readonly digest: string; readonly size: number; readonly artifactType?: string }
  readonly layers?: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[]
  readonly manifests?: readonly { readonly digest: string; readonly platform?: Readonly<Record<string, unknown>> }[]
  readonly subject?: { readonly digest: string }
  readonly annotations?: Readonly<Record<string, string>>
}

export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const imageConfigs = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json']
const chartConfig = 'application/vnd.cncf.helm.config.v1+json'
export const sbomType = 'application/vnd.goharbor.harbor.sbom.v1'
const accessoryTypes: Readonly<Record<string, string>> = {
  'application/vnd.dev.cosign.artifact.sig.v1+json': 'signature.cosign',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'signature.cosign',
  'application/vnd.cncf.notary.signature': 'signature.notation',
  [sbomType]: 'sbom.harbor',
}
/** Sigstore bundles are signatures to Harbor since 2.15; before, they just hang there. */
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const legacySignature = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Refuses what docker-registry 2.8 refuses, in its words. */
export function parseManifest(bytes: Buffer, contentType: string | undefined): Manifest {
  if (!manifestTypes.includes(contentType ?? '')) throw invalid('unmarshal manifest failed: missing signature key')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw invalid('unmarshal manifest failed: unexpected end of JSON input')
  }
}

export function invalid(message: string): Refused {
  return new Refused(400, 'MANIFEST_INVALID', message)
}

/** The repository, made when it is new. */
export function ensureRepository(state: State, project: Project, name: string): Repository {
  const known = state.repositories.find((one) => one.name === name)
  if (known !== undefined) return known
  const created = timeOf(state)
  const made = { id: nextId(state, 'repository'), name, project, created, updated: created, description: undefined }
  const repository: Repository = { ...made, artifacts: new Map(), tags: new Map() }
  state.repositories.push(repository)
  return repository
}

/** Enters a pushed manifest, and moves its tag. `readConfig` gives the bytes of the config. */
export async function enter(
  state: State,
  repository: Repository,
  { bytes, manifest, contentType, tag, readConfig }: EnterOptions,
): Promise<Artifact> {
  const digest = sha256(bytes)
  const artifact = repository.artifacts.get(digest) ?? (await make(state, repository, { bytes, manifest, contentType, tag, readConfig }))
  repository.artifacts.set(digest, artifact)
  for (const [blob, size] of artifact.blobs) repository.project.blobs.set(blob, size)
  if (tag !== undefined) setTag(state, repository, { name: tag, digest })
  repository.updated = timeOf(state)
  return artifact
}

interface EnterOptions {
  readonly bytes: Buffer
  readonly manifest: Manifest
  readonly contentType: string
  readonly tag: string | undefined
  readonly readConfig: (digest: string) => Promise<Buffer>
}

export function setTag(state: State, repository: Repository, { name, digest }: { name: string; digest: string }): void {
  const known = repository.tags.get(name)
  if (known === undefined) repository.tags.set(name, { id: nextId(state, 'tag'), name, digest, pushed: timeOf(state) })
  else known.digest = digest
}

async function make(
  state: State,
  repository: Repository,
  { bytes, manifest, contentType, tag, readConfig }: EnterOptions,
): Promise<Artifact> {
  const { config, layers = [], manifests = [], annotations } = manifest
  const isIndex = manifest.manifests !== undefined
  const configType = config?.mediaType ?? contentType
  const type =
    isIndex || imageConfigs.includes(configType)
      ? 'IMAGE'
      : configType === chartConfig
        ? 'CHART'
        : configType === sbomType
          ? 'SBOM'
          : 'UNKNOWN'
  const parsed = config === undefined || type === 'UNKNOWN' ? undefined : parsedConfig(await readConfig(config.digest))
  const blobs = new Map([...(config === undefined ? [] : [config]), ...layers].map(({ digest, size }) => [digest, size]))
  const children = manifests.flatMap(({ digest }) => repository.artifacts.get(digest) ?? [])
  return {
    ...{
      id: nextId(state, 'artifact'),
      digest: sha256(bytes),
      manifest: bytes,
      manifestType: contentType,
      mediaType: configType,
      type,
      blobs,
    },
    artifactType: manifest.artifactType ?? (isIndex ? undefined : configType),
    size: [bytes.length, ...blobs.values(), ...children.map(({ size }) => size)].reduce((sum, size) => sum + size, 0),
    extra: parsed === undefined ? undefined : type === 'IMAGE' ? imageFacts(parsed) : parsed,
    ...{ history: parsed?.['history'], annotations },
    references: manifests.map(({ digest, platform }): Reference => ({ digest, platform })),
    accessory: accessoryOf(state, repository, { manifest, tag }),
    ...{ pushed: timeOf(state), pulled: '0001-01-01T00:00:00.000Z', labels: [] },
  }
}

/** By subject, or cosign's old way by a tag of its name. */
function accessoryOf(
  state: State,
  repository: Repository,
  { manifest, tag }: { manifest: Manifest; tag: string | undefined },
): Artifact['accessory'] {
  const [, signed] = /^sha256-([0-9a-f]{64})\.sig$/.exec(tag ?? '') ?? []
  const legacy = signed === undefined || manifest.layers?.[0]?.mediaType !== legacySignature ? undefined : `sha256:${signed}`
  const subject = manifest.subject?.digest ?? legacy
  if (subject === undefined) return undefined
  if (legacy !== undefined && !repository.artifacts.has(legacy)) return undefined
  const names = [manifest.artifactType, manifest.config?.artifactType, manifest.config?.mediaType]
  const isNew = Number(/^v2\.(\d+)/.exec(state.version)?.[1]) >= 15
  const known = names.flatMap((name) => (name === bundleType && !isNew ? [] : (accessoryTypes[name ?? ''] ?? [])))[0]
  const type = legacy === undefined ? (known ?? 'subject.accessory') : 'signature.cosign'
  return { id: nextId(state, 'accessory'), subject, type, created: timeOf(state) }
}

function parsedConfig(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function imageFacts(config: Record<string, unknown>): Record<string, unknown> {
  const names = ['architecture', 'author', 'config', 'created', 'os']
  return Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])))
}

/** Takes an artifact out with what hangs on it; children that only this index had go with it. */
export function remove(state: State, repository: Repository, artifact: Artifact): void {
  for (const [name, { digest }] of repository.tags) if (digest === artifact.digest) repository.tags.delete(name)
  repository.artifacts.delete(artifact.digest)
  for (const one of [...repository.artifacts.values()]) if (one.accessory?.subject === artifact.digest) remove(state, repository, one)
  for (const { digest } of artifact.references) {
    const child = repository.artifacts.get(digest)
    const isTagged = [...repository.tags.values()].some((tag) => tag.digest === digest)
    if (child !== undefined && !isTagged && !isChild(repository, digest)) remove(state, repository, child)
  }
  const own = state.repositories.filter(({ project }) => project === repository.project).flatMap(({ artifacts }) => [...artifacts.values()])
  repository.project.blobs.clear()
  for (const { blobs } of own) for (const [digest, size] of blobs) repository.project.blobs.set(digest, size)
  repository.updated = timeOf(state)
}

export function isChild(repository: Repository, digest: string): boolean {
  return [...repository.artifacts.values()].some(({ references }) => references.some((one) => one.digest === digest))
}

/** What a list shows: neither accessories nor what an index has and no tag. */
export function listed(repository: Repository): readonly Artifact[] {
  const tagged = new Set([...repository.tags.values()].map(({ digest }) => digest))
  return [...repository.artifacts.values()]
    .filter(({ digest, accessory }) => accessory === undefined && (tagged.has(digest) || !isChild(repository, digest)))
    .toReversed()
}
