import type { Digest } from '../../base/digest.ts'
import type { CompressOptions } from '../../io/compress.ts'
import type { Clock, Http, Progress } from '../../spec/ports.ts'
import type { LayerCache } from '../cache/cache.ts'
import type { Descriptor, Platform } from '../oci/types.ts'
import type { BaseName } from './base.ts'
import type { Context } from './context.ts'
import type { PlatformImage } from './image.ts'
import type { ChosenPlan, PlanName } from './layer-plan.ts'
import type { NodeRuntime } from './node-runtime.ts'
import type { Settings } from './settings.ts'

/** What to build. Paths are absolute. */
export interface BuildRequest {
  /** A folder, or the file of a static program; `{os}`, `{arch}`, `{variant}` and `{platform}` stand for each platform's. */
  readonly context: string
  readonly plan: PlanName | 'auto'
  /** `SRC:DEST` or `SRC:DEST:PATTERN|PATTERN…`, with the same placeholders. */
  readonly layers: readonly string[]
  /** Default: node-runtime for a Node project, else scratch. */
  readonly base?: BaseName | undefined
  /** Programs of this machine, absolute paths, for node-runtime only. */
  readonly programs?: readonly string[]
  /** At least one. */
  readonly platforms: readonly Platform[]
  readonly settings: Settings
  /** Of the manifests and the index, over our own. */
  readonly annotations: Readonly<Record<string, string>>
  /** Address of the source repository, and the commit. */
  readonly source?: string | undefined
  readonly revision?: string | undefined
  /** Seconds since 1970: SOURCE_DATE_EPOCH, or 0. */
  readonly created: number
  readonly layout: string
  /** Of the layers; default: gzip at its default level. */
  readonly compression?: CompressOptions | undefined
  /** Further paths that must not enter the image, such as reports being written. */
  readonly own?: readonly string[]
}

export interface BuildPorts {
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'now'>
  /** Over which the run goes on to push what is built: see `sendAheadTo`. */
  readonly http?: Http | undefined
  /** Layers built before; none: each is packed anew. */
  readonly cache?: LayerCache | undefined
  /** The Node that runs now. */
  readonly node: NodeRuntime
}

export interface BuiltImage {
  /** The manifest, or the index when there are several platforms. */
  readonly descriptor: Descriptor
  readonly images: readonly PlatformImage[]
  readonly plan: ChosenPlan
  readonly base: { readonly name: string; readonly digest?: Digest }
  /** {@link encoderId} of the layers that were packed here; undefined when there are none. */
  readonly encoder: string | undefined
  /** Blobs that the layout had before. */
  readonly before: ReadonlySet<Digest>
  /** Files of the context whose names are those of credentials. */
  readonly credentials: Context['credentials']
}
