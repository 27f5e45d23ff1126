import * as v from 'valibot'
import type { RawSeverity } from '../../advisories/advisory.ts'
import { reportUnknown } from './errors.ts'
import type { Report, Reported } from './report.ts'
import {
  aliasesAmong,
  digestsIn,
  listOf,
  name,
  optionalName,
  optionalWord,
  prose,
  shaped,
  summaryOf,
  vector,
  verdict,
  word,
} from './shape.ts'

const layer = v.nullish(v.object({ Digest: optionalWord, DiffID: optionalWord }), {})
const score = v.object({ V2Vector: optionalWord, V3Vector: optionalWord, V40Vector: optionalWord })
const vulnerability = v.object({
  VulnerabilityID: name,
  VendorIDs: listOf(name, 1000),
  PkgName: name,
  PkgPath: optionalWord,
  PkgIdentifier: v.nullish(v.object({ PURL: optionalWord }), {}),
  InstalledVersion: optionalName,
  FixedVersion: optionalWord,
  Status: optionalName,
  Layer: layer,
  Title: v.nullish(prose, ''),
  Description: v.nullish(prose, ''),
  Severity: optionalName,
  VendorSeverity: v.nullish(v.record(word, v.number()), {}),
  CVSS: v.nullish(v.record(word, score), {}),
  PublishedDate: optionalWord,
  LastModifiedDate: optionalWord,
})
type Vulnerability = v.InferOutput<typeof vulnerability>
const document = v.object({
  CreatedAt: optionalWord,
  ArtifactName: optionalWord,
  Trivy: v.nullish(v.object({ Version: optionalWord }), {}),
  Metadata: v.nullish(
    v.object({
      OS: v.nullish(v.object({ Family: optionalWord, Name: optionalWord, EOSL: v.nullish(v.boolean(), false) })),
      ImageID: optionalWord,
      DiffIDs: listOf(word),
      RepoDigests: listOf(word),
      ImageConfig: v.nullish(v.object({ architecture: optionalWord, os: optionalWord, variant: optionalWord }), {}),
    }),
    {},
  ),
  Results: listOf(v.object({ Target: optionalWord, Class: optionalWord, Vulnerabilities: listOf(vulnerability) })),
})

/** Reads `trivy --format json`, schema 2. @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID */
export function readTrivy(value: object, where: string): Report {
  const version: unknown = Reflect.get(value, 'SchemaVersion')
  if (version !== 2) throw reportUnknown(`${where} is a report of trivy of schema ${JSON.stringify(version)}, expected 2.`)
  const { CreatedAt, ArtifactName, Trivy, Metadata, Results } = shaped(document, value, where)
  const { OS, ImageID, DiffIDs, RepoDigests, ImageConfig } = Metadata
  const { architecture, os, variant } = ImageConfig
  return {
    source: 'trivy',
    program: ['trivy', Trivy.Version].filter((part) => part !== '').join(' '),
    ...{ date: '', written: CreatedAt ?? '' },
    about: {
      digests: digestsIn([...RepoDigests, ImageID ?? '', ArtifactName.includes('@') ? ArtifactName : '']),
      diffIds: digestsIn(DiffIDs),
      ...(os === '' || architecture === '' ? {} : { platform: [os, architecture, variant].filter((part) => part !== '').join('/') }),
    },
    reported: Results.flatMap(({ Target, Class, Vulnerabilities }) =>
      Vulnerabilities.filter(({ Status }) => Status !== 'not_affected').map((one) => reportedOf(one, Class === 'lang-pkgs' ? Target : '')),
    ),
    unscanned:
      OS?.EOSL === true
        ? [{ what: `${OS.Family} ${OS.Name}`, why: 'trivy says that nobody keeps advisories for this release any more' }]
        : [],
    covers: { system: Results.some(({ Class }) => Class === 'os-pkgs'), languages: Results.some(({ Class }) => Class === 'lang-pkgs') },
  }
}

function reportedOf(one: Vulnerability, target: string): Reported {
  const { VulnerabilityID: id, PkgName: name, InstalledVersion: version, Layer } = one
  const fixed = one.FixedVersion.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  // A target is a file where a package has no path of its own, and else the name of an ecosystem.
  const path = one.PkgPath || (/[./]/.test(target) ? target : '')
  const [found] = digestsIn([Layer.DiffID ?? '', Layer.Digest ?? ''])
  const status = fixed.length === 0 && one.Status !== '' && one.Status !== 'unknown' ? { status: one.Status } : {}
  return {
    ...{ id, aliases: aliasesAmong(one.VendorIDs, id), summary: summaryOf(one.Title, one.Description), state: 'affected', fixed },
    package: { name, version, purl: one.PkgIdentifier.PURL || undefined },
    locations: path === '' ? [] : [{ path, ...(found === undefined ? {} : { layer: found }) }],
    claims: [
      {
        ...{ source: 'trivy', id, severities: severitiesOf(one), modified: one.LastModifiedDate },
        ...{ fixed: fixed.length === 0 ? undefined : fixed.join(', '), ...status },
        ...(one.PublishedDate === '' ? {} : { published: one.PublishedDate }),
      },
    ],
    digests: [],
  }
}

const vendorWords = ['unknown', 'low', 'medium', 'high', 'critical']

/** What trivy chose, then what each of its sources says. */
function severitiesOf({ Severity, VendorSeverity, CVSS }: Vulnerability): readonly RawSeverity[] {
  const scores = Object.values(CVSS).flatMap(({ V2Vector, V3Vector, V40Vector }) => [
    ...vector('4', V40Vector),
    ...vector('3', V3Vector),
    ...vector('2', V2Vector),
  ])
  const words = Object.entries(VendorSeverity).map(([vendor, level]) => ({ type: vendor, value: vendorWords[level] ?? String(level) }))
  return [...verdict(Severity), ...scores, ...words].slice(0, 50)
}
