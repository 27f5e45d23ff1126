import type { Digest } from '../../base/digest.ts'
import type { HarborAnswer } from './answer.ts'
import type { Harbor } from './client.ts'
import { allPages } from './pages.ts'
import { artifactPath, type HarborRepository } from './paths.ts'
import { accessory, artifact, type HarborAccessory, type HarborArtifact, reports } from './schema.ts'

/** An image in Harbor, by digest. */
export interface HarborImage {
  readonly repository: HarborRepository
  readonly digest: Digest
}

export type ScanType = 'vulnerability' | 'sbom'

/** Types of vulnerability reports (pluggable scanner specification), the newer first. */
export const reportTypes = [
  'application/vnd.security.vulnerability.report; version=1.1',
  'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
] as const

/** Report types that are asked for: another gets `{}`, never an error. */
const accepted = { 'x-accept-vulnerabilities': reportTypes.join(',') }
/** A report of an image with thousands of packages is large. */
const mostReport = 256 * 1024 * 1024

/** An artifact with its overviews, tags and accessories. */
export async function readArtifact(harbor: Harbor, image: HarborImage): Promise<HarborArtifact> {
  const query = { with_scan_overview: 'true', with_sbom_overview: 'true', with_accessory: 'true', with_tag: 'true' }
  const call = { method: 'GET', path: pathOf(image), query, headers: accepted } as const
  return harbor.read({ ...call, doing: `show ${nameOf(image)}`, needs: '`artifact:read`' }, artifact)
}

/** The tags of a list that an immutability rule holds, with what they name; undefined when we may not know. */
export async function immutableTags(
  harbor: Harbor,
  repository: HarborRepository,
  tags: readonly string[],
): Promise<readonly { readonly tag: string; readonly digest: Digest }[] | undefined> {
  const held: { tag: string; digest: Digest }[] = []
  for (const tag of tags) {
    const call = { method: 'GET', path: artifactPath(repository, tag), query: { with_tag: 'true', with_immutable_status: 'true' } } as const
    const answer = await harbor.send({
      ...call,
      doing: `show ${repository.project}/${repository.name}:${tag}`,
      needs: '`artifact:read`',
      expect: [403, 404],
    })
    if (answer.status === 403) return undefined
    if (answer.status === 404) continue
    const { digest, tags: own } = harbor.parse(answer, artifact)
    if (own.some(({ name, immutable }) => name === tag && immutable === true)) held.push({ tag, digest })
  }
  return held
}

/** Everything that hangs on an artifact. */
export async function readAccessories(harbor: Harbor, image: HarborImage): Promise<readonly HarborAccessory[]> {
  const path = `${pathOf(image)}/accessories`
  return allPages(harbor, { method: 'GET', path, doing: `list what hangs on ${nameOf(image)}`, needs: '`accessory:list`' }, accessory)
}

/** Asks for a scan. 202, 409 when one is under way, and 500 are the caller's to understand. */
export async function startScan(harbor: Harbor, image: HarborImage, type: ScanType): Promise<HarborAnswer> {
  return harbor.send({
    ...{ method: 'POST', path: `${pathOf(image)}/scan`, body: { scan_type: type } },
    ...{ doing: `scan ${nameOf(image)}`, needs: type === 'sbom' ? '`sbom:create`' : '`scan:create`', expect: [400, 409, 500] },
  })
}

/** The reports of an image by media type, as the scanner wrote them; undefined while there is none. */
export async function readReports(harbor: Harbor, image: HarborImage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const call = { method: 'GET', path: `${pathOf(image)}/additions/vulnerabilities`, headers: accepted, limit: mostReport } as const
  const all = await harbor.read({ ...call, doing: `show the report of ${nameOf(image)}`, needs: '`artifact-addition:read`' }, reports)
  return Object.keys(all).length === 0 ? undefined : all
}

/** The log of a scan; undefined when we may not read it or it is gone. */
export async function readScanLog(harbor: Harbor, image: HarborImage, report: string): Promise<string | undefined> {
  const path = `${pathOf(image)}/scan/${encodeURIComponent(report)}/log`
  const answer = await harbor.send({
    method: 'GET',
    path,
    doing: 'show the log of the scan',
    expect: [400, 403, 404, 500],
    idempotent: false,
  })
  return answer.status === 200 ? answer.text : undefined
}

/** The document of an SBOM accessory, by the accessory's own digest: Harbor has it on that, not on the image. */
export async function readSbom(harbor: Harbor, accessoryOf: HarborImage): Promise<string> {
  const path = `${pathOf(accessoryOf)}/additions/sbom`
  const doing = `show the SBOM ${nameOf(accessoryOf)}`
  const answer = await harbor.send({
    method: 'GET',
    path,
    doing,
    needs: '`artifact-addition:read`',
    limit: mostReport,
    headers: { accept: '*/*' },
  })
  return answer.text
}

/** `team/app@sha256:…` */
export function nameOf({ repository: { project, name }, digest }: HarborImage): string {
  return `${project}/${name}@${digest}`
}

function pathOf({ repository, digest }: HarborImage): string {
  return artifactPath(repository, digest)
}
