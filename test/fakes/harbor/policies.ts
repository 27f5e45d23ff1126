import { denied, precondition, Refused } from './answers.ts'
import { isAtLeast, type Scans } from './scans.ts'
import { type Allowlist, type Artifact, accessoriesOf, type Project, type Repository, type State } from './state.ts'

/** What a project asks of an image before anybody may pull it. Throws 412. */
export function requirePullable(
  state: State,
  scans: Scans,
  { repository, artifact }: { repository: Repository; artifact: Artifact },
): void {
  const { metadata } = repository.project
  const signatures = accessoriesOf(repository, artifact.digest).map(({ accessory }) => accessory?.type)
  if (artifact.accessory !== undefined) return
  if (metadata.get('enable_content_trust') === 'true' && !signatures.includes('signature.notation'))
    throw violation('The image is not signed by notation.')
  if (metadata.get('enable_content_trust_cosign') === 'true' && !signatures.includes('signature.cosign'))
    throw violation('The image is not signed by cosign.')
  if (metadata.get('prevent_vul') === 'true' && artifact.type === 'IMAGE' && state.scanners.length > 0)
    requireClean(state, scans, { repository, artifact })
}

function requireClean(state: State, scans: Scans, { repository, artifact }: { repository: Repository; artifact: Artifact }): void {
  const severity = repository.project.metadata.get('severity') ?? 'low'
  const limit = `${severity.slice(0, 1).toUpperCase()}${severity.slice(1)}`
  const policy = `cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of "${limit}" or higher from running.' To continue with pull, please contact your project administrator`
  const status = scans.statusOf(artifact, 'vulnerability')
  if (status === undefined) throw violation(`current image without vulnerability scanning ${policy} for help.`)
  if (status !== 'Success') throw violation(`current image with "${status}" status of vulnerability scanning ${policy} for help.`)
  const exempt = exemptIn(state, repository.project)
  const report = Object.values(scans.report(artifact) ?? {})[0]
  const found = (report as { vulnerabilities?: { id: string; severity: string }[] } | undefined)?.vulnerabilities ?? []
  const left = found.filter(({ id }) => !exempt.includes(id))
  if (!left.some((one) => isAtLeast(one.severity, limit))) return
  const counted = `${left.length} ${left.length === 1 ? 'vulnerability' : 'vulnerabilities'}`
  throw violation(`current image with ${counted} ${policy} to exempt matched vulnerabilities through configuring the CVE allowlist.`)
}

/** Of the project, where it says that it does not go by the list of the system. */
function exemptIn({ allowlist, now }: State, project: Project): readonly string[] {
  const { items, expires }: Allowlist = project.metadata.get('reuse_sys_cve_allowlist') === 'false' ? project.allowlist : allowlist
  return expires !== undefined && expires * 1000 < now() ? [] : items
}

function violation(message: string): Refused {
  return new Refused(412, 'PROJECTPOLICYVIOLATION', message)
}

/** The rule that holds a tag, of a repository named without its project. */
export function isImmutable(project: Project, { short, tag }: { short: string; tag: string }): boolean {
  return project.immutable.some(({ body }) => {
    if (body['disabled'] === true) return false
    const repositories = selectors(Object(body['scope_selectors'])['repository'])
    return selects(selectors(body['tag_selectors']), tag, 'matches') && selects(repositories, short, 'repoMatches')
  })
}

interface Selector {
  readonly kind: string
  readonly decoration: string
  readonly pattern: string
}

function selectors(value: unknown): readonly Selector[] {
  return Array.isArray(value) ? value : []
}

function selects(all: readonly Selector[], name: string, matches: string): boolean {
  return (
    all.length > 0 &&
    all.every(({ kind, decoration, pattern }) => kind === 'doublestar' && globbed(pattern, name) === (decoration === matches))
  )
}

function globbed(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '.*')
  return new RegExp(`^${expression}$`).test(name)
}

/** The tags of an artifact that no one may take away. */
export function requireRemovable(repository: Repository, artifact: Artifact): void {
  const short = repository.name.slice(repository.project.name.length + 1)
  const tags = [...repository.tags.values()].filter(({ digest }) => digest === artifact.digest).toReversed()
  const held = tags.find(({ name }) => isImmutable(repository.project, { short, tag: name }))
  if (held !== undefined) throw precondition(`the tag ${held.name} configured as immutable, cannot be deleted`)
}

/** Whether so many bytes more fit into a project. Throws 403. */
export function requireRoom({ quota }: Project, { used, more }: { used: number; more: number }): void {
  if (quota.hard < 0 || (used + more <= quota.hard && used <= quota.hard)) return
  const change = more > 0 ? `adding ${sizeText(more)}` : `subtracting ${sizeText(0)}`
  throw denied(
    `${change} of storage resource, which when updated to current usage of ${sizeText(used)} will exceed the configured upper limit of ${sizeText(quota.hard)}.`,
  )
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** Refuses every change of a Harbor that is being looked after. */
export function requireWritable({ settings }: State): void {
  if (settings.get('read_only') === true) throw denied('The system is in read only mode. Any modification is prohibited.')
}
