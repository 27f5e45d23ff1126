import * as v from 'valibot'
import type { Exploitation } from '../finding.ts'
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

const day = v.pipe(v.string(), v.isoDate())
const vulnerability = v.object({
  id: name,
  severity: optionalName,
  description: v.nullish(prose, ''),
  cvss: listOf(v.object({ version: optionalWord, vector: optionalWord }), 100),
  fix: v.nullish(
    v.object({ versions: listOf(name, 1000), state: optionalName, available: listOf(v.object({ date: v.nullish(day) }), 1000) }),
    {},
  ),
  epss: listOf(v.object({ epss: v.pipe(v.number(), v.minValue(0), v.maxValue(1)), percentile: v.number() }), 100),
  knownExploited: listOf(v.object({ dateAdded: v.nullish(day), dueDate: v.nullish(day), knownRansomwareCampaignUse: optionalWord }), 100),
})
const match = v.object({
  vulnerability,
  relatedVulnerabilities: listOf(v.object({ id: name, description: v.nullish(prose, '') }), 1000),
  artifact: v.object({
    name,
    version: optionalName,
    purl: optionalWord,
    locations: listOf(v.object({ path: word, layerID: optionalWord }), 10_000),
  }),
})
type Match = v.InferOutput<typeof match>
const image = v.object({
  imageID: optionalWord,
  manifestDigest: optionalWord,
  repoDigests: listOf(word, 1000),
  layers: listOf(v.object({ digest: optionalWord }), 1000),
  architecture: optionalWord,
  os: optionalWord,
})
const document = v.object({
  matches: v.pipe(v.array(match), v.maxLength(200_000)),
  source: v.nullish(v.object({ type: optionalWord, target: v.unknown() })),
  distro: v.nullish(v.object({ name: optionalName })),
  descriptor: v.object({
    version: optionalWord,
    timestamp: optionalWord,
    db: v.nullish(v.object({ built: optionalWord, status: v.nullish(v.object({ built: optionalWord })) })),
  }),
})

/** Reads `grype -o json`. @throws SW-SCAN-REPORT-INVALID */
export function readGrype(value: object, where: string): Report {
  const { matches, source, distro, descriptor } = shaped(document, value, where)
  const isImage = source?.type === 'image' && typeof source.target === 'object'
  const { imageID, manifestDigest, repoDigests, layers, architecture, os } = shaped(image, isImage ? source.target : {}, where)
  return {
    source: 'grype',
    program: `grype ${descriptor.version}`.trim(),
    ...{ date: descriptor.db?.status?.built || descriptor.db?.built || '', written: descriptor.timestamp },
    about: {
      digests: digestsIn([...repoDigests, manifestDigest, imageID]),
      diffIds: digestsIn(layers.map(({ digest }) => digest)),
      ...(os === '' || architecture === '' ? {} : { platform: `${os}/${architecture}` }),
    },
    reported: matches.flatMap(reportedOf),
    unscanned: [],
    // It matches packages of a system by its distribution, and says nothing where it knows none.
    covers: { system: (distro?.name ?? '') !== '', languages: true },
  }
}

/** An advisory that mends several vulnerabilities is a claim on each of them. */
function reportedOf(found: Match): readonly Reported[] {
  const { id } = found.vulnerability
  const related = aliasesAmong(
    found.relatedVulnerabilities.map((one) => one.id),
    id,
  )
  const isOneOfThem = aliasesAmong([id], '').length > 0
  if (isOneOfThem || related.length < 2) return [reportedAs(found, id, related)]
  return related.map((one) => reportedAs(found, one, []))
}

function reportedAs({ vulnerability: one, relatedVulnerabilities, artifact }: Match, id: string, aliases: readonly string[]): Reported {
  const { versions, state, available } = one.fix
  const [since] = (available ?? []).flatMap(({ date }) => date ?? []).toSorted()
  const fixed = versions ?? []
  const status = fixed.length === 0 && state !== undefined && state !== '' && state !== 'unknown' ? { status: state } : {}
  const severities = [...verdict(one.severity), ...one.cvss.flatMap((score) => vector(score.version, score.vector))].slice(0, 50)
  const exploitation = exploitationOf(one)
  return {
    ...{ id, aliases, state: 'affected', fixed, digests: [] },
    summary: summaryOf(one.description, ...relatedVulnerabilities.map(({ description }) => description)),
    package: { name: artifact.name, version: artifact.version, purl: artifact.purl || undefined },
    locations: artifact.locations.map(({ path, layerID }) => {
      const [layer] = digestsIn([layerID])
      return { path: path.replace(/^\/+/, ''), ...(layer === undefined ? {} : { layer }) }
    }),
    claims: [
      {
        source: 'grype',
        id: one.id,
        severities,
        modified: '',
        fixed: fixed.length === 0 ? undefined : fixed.join(', '),
        ...status,
        ...(since === undefined ? {} : { published: since }),
      },
    ],
    ...(exploitation === undefined ? {} : { exploitation }),
  }
}

function exploitationOf({ epss, knownExploited }: Match['vulnerability']): Exploitation | undefined {
  const [highest] = epss.toSorted((a, b) => b.epss - a.epss)
  const [known] = knownExploited
  if (highest === undefined && known === undefined) return undefined
  return {
    ...(highest === undefined ? {} : { epss: { score: highest.epss, percentile: highest.percentile } }),
    ...(known === undefined
      ? {}
      : {
          kev: {
            added: known.dateAdded ?? '',
            ...(known.dueDate ? { due: known.dueDate } : {}),
            ransomware: known.knownRansomwareCampaignUse.toLowerCase() === 'known',
          },
        }),
  }
}
