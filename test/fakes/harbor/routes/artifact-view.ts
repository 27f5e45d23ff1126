import { isImmutable } from '../policies.ts'
import type { Call } from '../router.ts'
import { type Artifact, accessoriesOf, type Repository, type Tag } from '../state.ts'
import { labelView } from './labels.ts'

/** An artifact as the API shows it: lists are null when they are empty or were not asked for, overviews absent. */
export function artifactView(call: Call, repository: Repository, artifact: Artifact) {
  const { state, scans, query } = call
  const flag = (name: string, usual = false): boolean => (query.has(name) ? query.get(name) === 'true' : usual)
  const accessories = flag('with_accessory') ? accessoriesOf(repository, artifact.digest) : []
  const labels = flag('with_label') ? artifact.labels.flatMap((id) => state.labels.find((label) => label.id === id) ?? []) : []
  const tags = flag('with_tag', true) ? [...repository.tags.values()].filter(({ digest }) => digest === artifact.digest) : []
  const wanted = String(call.headers['x-accept-vulnerabilities'] ?? scans.produces).split(',')
  const overview =
    flag('with_scan_overview') && wanted.map((type) => type.trim()).includes(scans.produces)
      ? scans.overview(artifact, 'vulnerability')
      : undefined
  const sbom = flag('with_sbom_overview') ? scans.overview(artifact, 'sbom') : undefined
  const { annotations, artifactType, extra } = artifact
  return {
    accessories: nullIfNone(accessories.map((accessory) => accessoryView(repository, { artifact, accessory }))),
    ...linksOf(call, repository, artifact),
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined ? {} : { artifact_type: artifactType }),
    ...{
      digest: artifact.digest,
      ...(extra === undefined ? {} : { extra_attrs: extra }),
      icon: `sha256:${'0'.repeat(64)}`,
      id: artifact.id,
    },
    ...{ labels: nullIfNone(labels.map(labelView)), manifest_media_type: artifact.manifestType, media_type: artifact.mediaType },
    ...{ project_id: repository.project.id, pull_time: artifact.pulled, push_time: artifact.pushed },
    references: nullIfNone(artifact.references.map((reference) => referenceView(repository, artifact, reference))),
    ...{ repository_id: repository.id, repository_name: repository.name },
    ...(sbom === undefined ? {} : { sbom_overview: sbom }),
    ...(overview === undefined ? {} : { scan_overview: overview }),
    ...{ size: artifact.size, tags: nullIfNone(tags.map((tag) => tagView(repository, artifact, tag))), type: artifact.type },
  }
}

function nullIfNone<T>(all: readonly T[]): readonly T[] | null {
  return all.length === 0 ? null : all
}

export function tagView({ id: repository, project, name }: Repository, { id: artifact, pulled }: Artifact, tag: Tag, withStatus = true) {
  const immutable = withStatus && isImmutable(project, { short: name.slice(project.name.length + 1), tag: tag.name })
  return {
    artifact_id: artifact,
    id: tag.id,
    immutable,
    name: tag.name,
    pull_time: pulled,
    push_time: tag.pushed,
    repository_id: repository,
  }
}

function referenceView({ artifacts }: Repository, { id }: Artifact, { digest, platform }: Artifact['references'][number]) {
  const shown = platform === undefined ? {} : { platform: { OsFeatures: null, ...platform } }
  return { child_digest: digest, child_id: artifacts.get(digest)?.id, parent_id: id, ...shown, urls: null }
}

/** The link to an SBOM that is not there yet lacks its digest. */
function linksOf({ state }: Call, repository: Repository, { digest, type, references }: Artifact) {
  if (type !== 'IMAGE' && type !== 'CHART') return {}
  const short = encodeURIComponent(encodeURIComponent(repository.name.slice(repository.project.name.length + 1)))
  const at = `/api/v2.0/projects/${repository.project.name}/repositories/${short}/artifacts`
  const link = (name: string, of = digest) => ({ absolute: false, href: `${at}/${of}/additions/${name}` })
  const sbom = accessoriesOf(repository, digest).find(({ accessory }) => accessory?.type === 'sbom.harbor')?.digest ?? ''
  const names = type === 'CHART' ? ['dependencies', 'readme.md', 'values.yaml'] : references.length > 0 ? [] : ['build_history']
  const scanned =
    type === 'IMAGE' && state.scanners.length > 0 ? { sboms: link('sbom', sbom), vulnerabilities: link('vulnerabilities') } : {}
  const links = { ...Object.fromEntries(names.map((name) => [name, link(name)])), ...scanned }
  return Object.keys(links).length === 0 ? {} : { addition_links: links }
}

export function accessoryView(
  { name }: Repository,
  { artifact, accessory: { id, digest, size, accessory } }: { artifact: Artifact; accessory: Artifact },
) {
  const known = accessory?.type === 'subject.accessory' ? '' : `sha256:${'2'.repeat(64)}`
  const subject = { subject_artifact_digest: artifact.digest, subject_artifact_id: artifact.id, subject_artifact_repo: name }
  return {
    artifact_id: id,
    creation_time: accessory?.created,
    digest,
    icon: known,
    id: accessory?.id,
    size,
    ...subject,
    type: accessory?.type,
  }
}
