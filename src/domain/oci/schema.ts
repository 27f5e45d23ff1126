import * as v from 'valibot'
import { type Digest, isDigest } from '../../base/digest.ts'
import { messageOf, type TaskError } from '../../base/errors.ts'
import { excerpt } from '../../base/untrusted.ts'
import { manifestInvalid } from './errors.ts'
import { type Descriptor, type ImageConfig, type Index, type Manifest, mediaTypes } from './types.ts'

/** In bytes: what a push sends at most (registries cap bodies at 4 MiB), and what a pull takes. */
export const manifestLimits = { push: 4 * 2 ** 20, pull: 8 * 2 ** 20 } as const

/** A parsed manifest or index. Digests are over the bytes, so the bytes are kept beside it wherever it goes. */
export type Content = { readonly kind: 'manifest'; readonly manifest: Manifest } | { readonly kind: 'index'; readonly index: Index }

const text = v.exactOptional(v.string())
const annotations = v.exactOptional(v.record(v.string(), v.string()))
const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a sha256 or sha512 digest')

const platformEntries = {
  os: v.string(),
  architecture: v.string(),
  variant: text,
  'os.version': text,
  'os.features': v.exactOptional(v.array(v.string())),
}

const descriptor = v.object({
  mediaType: v.string(),
  digest,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  annotations,
  artifactType: text,
  platform: v.exactOptional(v.object(platformEntries)),
  urls: v.exactOptional(v.array(v.string())),
  data: text,
}) satisfies v.GenericSchema<unknown, Descriptor>

const descriptors = v.pipe(v.array(descriptor), v.maxLength(10_000))
const common = { schemaVersion: v.literal(2), mediaType: text, artifactType: text, subject: v.exactOptional(descriptor), annotations }
const manifest = v.object({ ...common, config: descriptor, layers: v.optional(descriptors, []) }) satisfies v.GenericSchema<
  unknown,
  Manifest
>
const index = v.object({ ...common, manifests: v.optional(descriptors, []) }) satisfies v.GenericSchema<unknown, Index>

const empties = v.exactOptional(v.record(v.string(), v.record(v.string(), v.never())))
const strings = v.exactOptional(v.array(v.string()))
// Loose: what we do not know of a base image's configuration (Healthcheck, OnBuild, Shell) must survive a rewrite.
const imageConfig = v.looseObject({
  ...platformEntries,
  created: text,
  author: text,
  config: v.exactOptional(
    v.looseObject({
      User: text,
      ExposedPorts: empties,
      Env: strings,
      Entrypoint: strings,
      Cmd: strings,
      Volumes: empties,
      WorkingDir: text,
      Labels: annotations,
      StopSignal: text,
    }),
  ),
  rootfs: v.object({ type: v.literal('layers'), diff_ids: v.array(digest) }),
  history: v.exactOptional(
    v.array(v.object({ created: text, created_by: text, author: text, comment: text, empty_layer: v.exactOptional(v.boolean()) })),
  ),
})

const tagList = v.object({ tags: v.optional(v.array(v.string()), []) })
const layoutFile = v.object({ imageLayoutVersion: v.literal('1.0.0') })
const errorBody = v.object({ errors: v.array(v.object({ code: text, message: text })) })

/** Reads a manifest or index; `mediaType` is what the descriptor or the Content-Type said. Throws SW-MANIFEST-INVALID. */
export function parseContent(bytes: Uint8Array, mediaType: string, where: string): Content {
  const value = parseJson(bytes, where)
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  // The two shapes must not be mixed, nor the type in the body differ from the one outside (CVE-2021-41190).
  if ('manifests' in fields && ('layers' in fields || 'config' in fields)) throw invalid(where, 'it is a manifest and an index at once')
  const declared = fields['mediaType']
  if (typeof declared === 'string' && declared !== mediaType) throw invalid(where, `it says ${declared}, and came as ${mediaType}`)
  if (isIndexType(mediaType)) return { kind: 'index', index: check(index, value, where) }
  if (isManifestType(mediaType)) return { kind: 'manifest', manifest: check(manifest, value, where) }
  throw invalid(where, `its media type is ${mediaType}`)
}

/** The media type that a manifest or index gives itself, if it does. */
export function declaredType(bytes: Uint8Array): string | undefined {
  try {
    return v.parse(v.object({ mediaType: v.string() }), parseJson(bytes, 'manifest')).mediaType
  } catch {
    return undefined
  }
}

/** Reads an image's configuration; fields that the type does not know stay in the value. Throws SW-MANIFEST-INVALID. */
export function parseImageConfig(bytes: Uint8Array, where: string): ImageConfig {
  return check(imageConfig, parseJson(bytes, where), where)
}

/** Reads an index whatever its media type says: `index.json` of a layout, an answer of the referrers API. Throws SW-MANIFEST-INVALID. */
export function parseIndex(bytes: Uint8Array, where: string): Index {
  return check(index, parseJson(bytes, where), where)
}

/** Reads the answer of `GET /v2/<name>/tags/list`: `null` is no tags. Throws SW-MANIFEST-INVALID. */
export function parseTagList(bytes: Uint8Array, where: string): readonly string[] {
  return check(tagList, parseJson(bytes, where), where).tags
}

/** Whether bytes are an `oci-layout` file of a version that we know. */
export function isLayoutFile(bytes: Uint8Array): boolean {
  try {
    return v.is(layoutFile, parseJson(bytes, 'oci-layout'))
  } catch {
    return false
  }
}

/** One entry of a registry's error body (distribution-spec, Error Codes). */
export interface Diagnostic {
  /** Upper case, like `MANIFEST_UNKNOWN`; empty when the registry gave none. */
  readonly code: string
  readonly message: string
}

/** What a registry says of its refusal: its error body, or the beginning of whatever came in place of one. */
export function parseDiagnostics(bytes: Uint8Array): readonly Diagnostic[] {
  try {
    const parsed = v.safeParse(errorBody, parseJson(bytes, 'error'))
    if (parsed.success) return parsed.output.errors.map(({ code = '', message = '' }) => ({ code, message }))
  } catch {
    // Not JSON: proxies and some registries answer with text or HTML.
  }
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? [] : [{ code: '', message: excerpt(text, 200) }]
}

/** The descriptors that a manifest or index needs to be whole: config and layers, or the children. Not its subject. */
export function childrenOf(content: Content): readonly Descriptor[] {
  return content.kind === 'index' ? content.index.manifests : [content.manifest.config, ...content.manifest.layers]
}

/** What a manifest or index refers to, if it is a referrer. */
export function subjectOf(content: Content): Descriptor | undefined {
  return content.kind === 'index' ? content.index.subject : content.manifest.subject
}

/**
 * The descriptor by which a manifest is listed among the referrers of its subject. Without an artifactType the media type of
 * its configuration stands for it (image-spec §Guidelines for Artifact Usage).
 */
export function asReferrer(content: Content, { mediaType, digest, size }: Descriptor): Descriptor {
  const { artifactType, annotations } = content.kind === 'index' ? content.index : content.manifest
  const type = artifactType ?? (content.kind === 'manifest' ? content.manifest.config.mediaType : undefined)
  return {
    mediaType,
    digest,
    size,
    ...(type === undefined ? {} : { artifactType: type }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

/** Whether a media type is one of an image index, OCI's or Docker's. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex
}

/** Whether a media type is one of an image manifest, OCI's or Docker's. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.manifest || mediaType === mediaTypes.dockerManifest
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    // Writers in Go send null for an empty list or map: it is the same as absent.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (_, value: unknown) => value ?? undefined)
  } catch (cause) {
    throw invalid(where, messageOf(cause), cause)
  }
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw invalid(where, `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`)
}

function invalid(where: string, why: string, cause?: unknown): TaskError {
  return manifestInvalid(`${where} is not a manifest, index or image configuration: ${why}.`, { cause })
}
