import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import { madeUp, type ScanPlan, type ScanRequest, type ScanType, type Vulnerability } from '../fakes/harbor/scans.ts'
import { artifactOf, repositoryOf } from '../fakes/harbor/state.ts'
import type { Contents } from './content.ts'
import { hasBlob, pushBlob } from './pushes.ts'
import { type Exchange, objectsIn, type Scenario } from './recording.ts'

interface Around {
  readonly scenario: Scenario
  readonly contents: Contents
}

/** What happened between two recorded exchanges, as far as the next one tells: uploads, deletions, and scans that nobody asked for. */
export async function meanwhile(harbor: FakeHarbor, exchange: Exchange, { scenario, contents }: Around): Promise<void> {
  await blobsFor(harbor, exchange, { scenario, contents })
  forgetProject(harbor, exchange)
  moveTag(harbor, exchange, contents)
  for (const view of objectsIn(exchange.res.body)) scanOf(harbor, view, { scenario, contents })
}

/** Blobs that were there, or came without being recorded. */
async function blobsFor(harbor: FakeHarbor, { req, res }: Exchange, { scenario, contents }: Around): Promise<void> {
  const [, repository, kind, reference = ''] = /^\/v2\/(.+?)\/(manifests|blobs)\/([^?]+)/.exec(req.path) ?? []
  if (repository === undefined) return
  if (kind === 'manifests' && req.method === 'PUT' && res.status !== 400 && typeof req.body === 'object') {
    const { config, layers = [] } = Object(req.body)
    for (const { digest, size } of [config, ...layers].filter(Boolean)) await ensure(repository, digest, Number(size))
  }
  const mount = /[?&]mount=sha256(?:%3A|:)([0-9a-f]{64})/.exec(req.path)?.[1]
  const from = /[?&]from=([^&]+)/.exec(req.path)?.[1]
  if (mount !== undefined && from !== undefined && res.status === 201)
    await ensure(decodeURIComponent(from), `sha256:${mount}`, sizeOf(mount))
  if (kind === 'blobs' && reference.startsWith('sha256:') && [200, 202, 206].includes(res.status)) {
    const hex = reference.slice('sha256:'.length)
    await ensure(repository, reference, sizeOf(hex))
  }

  async function ensure(name: string, digest: string, size: number): Promise<void> {
    const bytes = contents.of(digest.slice('sha256:'.length), size)
    if (!(await hasBlob(harbor, name, bytes))) await pushBlob(harbor, name, bytes).catch(() => undefined)
  }

  function sizeOf(hex: string): number {
    for (const { digest, size, $sha256: own, $bytes: bytes } of objectsIn(scenario.exchanges.map((one) => [one.req.body, one.res.body]))) {
      if (digest === `sha256:${hex}` && typeof size === 'number') return size
      if (own === hex && typeof bytes === 'number') return bytes
    }
    return 200
  }
}

/** A tag that names another image than it did was moved. */
function moveTag({ state }: FakeHarbor, { req, res }: Exchange, contents: Contents): void {
  const [, name = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^?]+)/.exec(req.path) ?? []
  const digest = res.headers['docker-content-digest'] ?? /"(sha256:[0-9a-f]{64})"/.exec(req.headers['if-none-match'] ?? '')?.[1]
  const repository = repositoryOf(state, name)
  const known = repository?.tags.get(tag)
  if (req.method !== 'GET' || digest === undefined || ![200, 304].includes(res.status) || known === undefined) return
  const ours = contents.ours(digest)
  if (repository?.artifacts.has(ours) === true) known.digest = ours
}

/** A name that is taken again was given back. */
function forgetProject({ state }: FakeHarbor, { req, res }: Exchange): void {
  if (req.method !== 'POST' || !req.path.endsWith('/projects') || ![201, 403].includes(res.status)) return
  const found = state.projects.findIndex(({ name }) => name === Object(req.body).project_name)
  if (found !== -1) state.projects.splice(found, 1)
}

/** A scan that shows and was not asked for in the recording: the scanner is brought to where it was. */
function scanOf(harbor: FakeHarbor, view: Readonly<Record<string, unknown>>, { scenario, contents }: Around): void {
  const { repository_name: name, digest, scan_overview: overview, sbom_overview: sbom } = view
  if (typeof name !== 'string' || typeof digest !== 'string') return
  const repository = repositoryOf(harbor.state, name)
  const artifact = artifactOf(repository, contents.ours(digest))
  if (repository === undefined || artifact === undefined) return
  for (const [type, shown] of [
    ['vulnerability', Object.values(Object(overview))[0]],
    ['sbom', sbom],
  ] as const) {
    const status = Object(shown).scan_status
    if (typeof status !== 'string' || wasAsked(scenario, { name, view, type })) continue
    if (harbor.scans.statusOf(artifact, type) === status) continue
    const { script } = harbor.scans
    harbor.scans.script = () =>
      planOf(shown, {
        runs: status === 'Pending' ? Number.POSITIVE_INFINITY : -5000,
        ends: status === 'Pending' || status === 'Running' ? Number.POSITIVE_INFINITY : -1000,
      })
    harbor.scans.begin(repository, artifact, type)
    harbor.scans.script = script
  }
}

function wasAsked(
  { exchanges }: Scenario,
  { name, view, type }: { name: string; view: Readonly<Record<string, unknown>>; type: ScanType },
): boolean {
  return exchanges.some((one) => asksFor(one, { name, type, references: referencesOf(view) }))
}

function referencesOf({ digest, tags }: Readonly<Record<string, unknown>>): readonly string[] {
  return [String(digest), ...(Array.isArray(tags) ? tags.map((tag) => String(tag.name)) : [])]
}

function asksFor(
  { req, res }: Exchange,
  { name, type, references }: { name: string; type: ScanType; references: readonly string[] },
): boolean {
  const [, project, short, reference = ''] = /\/projects\/([^/]+)\/repositories\/([^/]+)\/artifacts\/([^/]+)\/scan$/.exec(req.path) ?? []
  if (req.method !== 'POST' || res.status !== 202 || name !== `${project}/${decodeURIComponent(decodeURIComponent(short ?? ''))}`)
    return false
  const wanted = Object(req.body).scan_type ?? 'vulnerability'
  return wanted === type && references.includes(reference)
}

/** What the scanner did with each request, at the times that were recorded. */
export function scriptOf(scenario: Scenario, { now }: { now: () => number }): (request: ScanRequest) => ScanPlan {
  return ({ repository, tags, type }) => {
    const at = now()
    const { exchanges } = scenario
    const asked = exchanges.findIndex((one) => one.t >= at && asksFor(one, { name: repository, type, references: tags }))
    const begin = exchanges[asked]
    if (begin === undefined) return { runs: 0, ends: 2000, end: 'Success', vulnerabilities: madeUp }
    const rest = exchanges.slice(asked + 1)
    const next = rest.findIndex((one) => asksFor(one, { name: repository, type, references: tags }))
    const states = rest.slice(0, next === -1 ? undefined : next).flatMap(({ t, res }) => {
      const view = [...objectsIn(res.body)].find(
        (one) => one['repository_name'] === repository && referencesOf(one).some((reference) => tags.includes(reference)),
      )
      const shown = type === 'sbom' ? view?.['sbom_overview'] : Object.values(Object(view?.['scan_overview']))[0]
      return shown === undefined ? [] : [{ t: t - begin.t, status: String(Object(shown).scan_status), shown }]
    })
    if (states.length === 0) return { runs: 0, ends: 500, end: 'Success', vulnerabilities: madeUp }
    const runs = states.find(({ status }) => status !== 'Pending')?.t ?? Number.POSITIVE_INFINITY
    const last = states.find(({ status }) => status === 'Success' || status === 'Error')
    return planOf(last?.shown, { runs, ends: last?.t ?? Number.POSITIVE_INFINITY })
  }
}

function planOf(shown: unknown, { runs, ends }: { runs: number; ends: number }): ScanPlan {
  const { scan_status: status, summary } = Object(shown)
  const counts = new Map(Object.entries(Object(Object(summary).summary)))
  const vulnerabilities: readonly Vulnerability[] = summary === undefined ? madeUp : madeUp.filter(({ severity }) => counts.has(severity))
  return { runs, ends, end: status === 'Error' ? 'Error' : 'Success', vulnerabilities }
}
