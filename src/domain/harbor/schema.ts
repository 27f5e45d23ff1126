import * as v from 'valibot'
import { type Digest, isDigest } from '../../base/digest.ts'

const text = v.pipe(v.string(), v.maxLength(4096))
const id = v.pipe(v.number(), v.integer())
/** Harbor writes null, nothing or `[]` for a list without items. */
const list = <S extends v.GenericSchema>(item: S, longest = 10_000) => v.nullish(v.pipe(v.array(item), v.maxLength(longest)), [])
const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a digest')

/**
 * Milliseconds since 1970 of a time of Harbor's: RFC 3339 with or without a fraction, epoch seconds, and undefined for the
 * year 1, which it writes for "never", and for -1.
 */
export const harborTime = v.pipe(v.nullish(v.union([v.string(), v.number()])), v.transform(timeOf))

function timeOf(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined || value === '' || value === -1) return undefined
  const time = typeof value === 'number' ? value * 1000 : Date.parse(value)
  return Number.isNaN(time) || time < 0 ? undefined : time
}

/** A setting of a project: booleans are strings there. */
export const harborFlag = v.pipe(
  v.nullish(v.union([v.string(), v.boolean()])),
  v.transform((value) => value === true || value === 'true'),
)

export const systemInfo = v.object({ harbor_version: v.optional(text), read_only: v.optional(v.boolean()) })
export const currentUser = v.object({ username: text, sysadmin_flag: v.optional(v.boolean(), false) })
export const tokenAnswer = v.object({ token: v.pipe(v.string(), v.maxLength(100_000)) })
export const tokenClaims = v.object({ access: list(v.object({ name: text, actions: list(text, 100) }), 1000) })

export const project = v.pipe(
  v.object({
    project_id: id,
    name: text,
    metadata: v.nullish(
      v.object({
        ...{
          public: harborFlag,
          auto_scan: harborFlag,
          auto_sbom_generation: harborFlag,
          prevent_vul: harborFlag,
          severity: v.nullish(text),
        },
        ...{ enable_content_trust: harborFlag, enable_content_trust_cosign: harborFlag, reuse_sys_cve_allowlist: harborFlag },
      }),
    ),
    registry_id: v.nullish(id),
  }),
  v.transform(({ project_id, name, metadata, registry_id }) => ({
    ...{ id: project_id, name, public: metadata?.public ?? false, isProxy: (registry_id ?? 0) > 0 },
    ...{ autoScan: metadata?.auto_scan ?? false, autoSbom: metadata?.auto_sbom_generation ?? false },
    /** The severity from which on images are held back, when they are. */
    blocksFrom: metadata?.prevent_vul === true ? (metadata.severity ?? 'low') : undefined,
    ...{ wantsCosign: metadata?.enable_content_trust_cosign ?? false, wantsNotation: metadata?.enable_content_trust ?? false },
  })),
)

export const projectSummary = v.pipe(
  v.object({
    quota: v.nullish(v.object({ hard: v.nullish(v.object({ storage: v.number() })), used: v.nullish(v.object({ storage: v.number() })) })),
  }),
  /** Bytes; -1 is no limit. */
  v.transform(({ quota }) => ({ limit: quota?.hard?.storage, used: quota?.used?.storage })),
)

const scanners = v.nullish(v.object({ name: v.nullish(text, ''), vendor: v.nullish(text, ''), version: v.nullish(text, '') }))
const run = { scan_status: text, start_time: harborTime, end_time: harborTime, scanner: scanners }
const scanRun = v.pipe(
  v.object({ ...run, report_id: v.nullish(text, ''), severity: v.nullish(text) }),
  v.transform(({ report_id, scan_status, start_time, end_time, severity, scanner }) => ({
    ...{ report: report_id, status: scan_status, started: start_time, ended: end_time },
    ...{ severity: severity ?? undefined, scanner: scanner ?? undefined },
  })),
)
const sbomRun = v.pipe(
  v.object({ ...run, report_id: v.nullish(text, ''), sbom_digest: v.nullish(v.union([digest, v.literal('')])) }),
  v.transform(({ report_id, scan_status, start_time, end_time, sbom_digest, scanner }) => ({
    ...{ report: report_id, status: scan_status, started: start_time, ended: end_time },
    ...{ digest: sbom_digest === '' ? undefined : (sbom_digest ?? undefined), scanner: scanner ?? undefined },
  })),
)

export const accessory = v.pipe(
  v.object({ digest, type: text, size: v.nullish(v.number(), 0), creation_time: harborTime }),
  v.transform(({ creation_time, ...rest }) => ({ ...rest, created: creation_time })),
)

const reference = v.pipe(
  v.object({
    child_digest: digest,
    platform: v.nullish(v.object({ os: v.nullish(text, ''), architecture: v.nullish(text, ''), variant: v.nullish(text, '') })),
  }),
  v.transform(({ child_digest, platform }) => ({ digest: child_digest, platform: platform ?? undefined })),
)

export const artifact = v.pipe(
  v.object({
    ...{
      digest,
      type: v.nullish(text, ''),
      manifest_media_type: v.nullish(text, ''),
      media_type: v.nullish(text, ''),
      size: v.nullish(v.number(), 0),
    },
    ...{ tags: list(v.object({ name: text, immutable: v.nullish(v.boolean(), false) })), references: list(reference, 1000) },
    ...{
      accessories: list(accessory),
      scan_overview: v.nullish(v.record(text, scanRun)),
      sbom_overview: v.nullish(sbomRun),
      push_time: harborTime,
    },
  }),
  v.transform(({ manifest_media_type, media_type, push_time, scan_overview, sbom_overview, tags, ...rest }) => ({
    ...{ ...rest, mediaType: manifest_media_type, configType: media_type, pushed: push_time, tags: tags ?? [] },
    ...{ scan: Object.values(scan_overview ?? {})[0], sbom: sbom_overview ?? undefined },
    references: rest.references ?? [],
    accessories: rest.accessories ?? [],
  })),
)

export const projectScanner = v.pipe(
  v.object({
    ...{ uuid: text, name: v.nullish(text, ''), adapter: v.nullish(text, ''), vendor: v.nullish(text, ''), version: v.nullish(text, '') },
    ...{ health: v.nullish(text, ''), disabled: v.nullish(v.boolean(), false) },
    capabilities: v.nullish(v.object({ support_sbom: v.nullish(v.boolean()) })),
  }),
  v.transform(({ capabilities, ...rest }) => ({ ...rest, makesSboms: capabilities?.support_sbom ?? undefined })),
)

export const scannerMetadata = v.object({ properties: v.nullish(v.record(text, v.unknown())) })

/** A report by its media type; `{}` when there is none. */
export const reports = v.record(text, v.unknown())

export const refusal = v.object({
  errors: v.pipe(v.array(v.object({ code: v.nullish(text, ''), message: v.nullish(v.string(), '') })), v.minLength(1), v.maxLength(100)),
})

export type HarborProject = v.InferOutput<typeof project>
export type HarborArtifact = v.InferOutput<typeof artifact>
export type HarborAccessory = v.InferOutput<typeof accessory>
export type HarborScanRun = v.InferOutput<typeof scanRun>
export type HarborSbomRun = v.InferOutput<typeof sbomRun>
export type ProjectScanner = v.InferOutput<typeof projectScanner>
