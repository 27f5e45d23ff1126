import type { Digest } from '../../base/digest.ts'
import type { CompressOptions } from '../../io/compress.ts'
import type { Ports } from '../../spec/ports.ts'
import type { Layout } from '../oci/layout.ts'
import type { Descriptor, Platform } from '../oci/types.ts'
import type { EngineLogin } from './logins.ts'

/** A file that RUN instructions may mount: `--mount=type=secret,id=ID`. */
export interface BuildSecret {
  readonly id: string
  /** Absolute; mode 0600, of this run. */
  readonly path: string
}

/** What to build from a Dockerfile. Paths are absolute. */
export interface DockerfileRequest {
  readonly context: string
  readonly file: string
  /** The stage to build; default the last. */
  readonly target?: string | undefined
  readonly buildArgs: Readonly<Record<string, string>>
  readonly secrets: readonly BuildSecret[]
  /** At least one. */
  readonly platforms: readonly Platform[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Of RUN instructions; `default` is what the engine gives. */
  readonly network: 'default' | 'none' | 'host'
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  /** Beside those that the engine finds by itself. */
  readonly logins: readonly EngineLogin[]
  /** BuildKit's own attestations, as further manifests of the index. */
  readonly provenance: 'none' | 'min' | 'max'
  readonly sbom: boolean
  /** Image that makes the SBOM; default BuildKit's own. */
  readonly sbomGenerator?: string | undefined
  /** Of layers that the engine leaves uncompressed, and of those that buildx compresses itself. */
  readonly compression: CompressOptions
  /** Seconds since 1970. */
  readonly created: number
  /** Milliseconds until the engine is ended. */
  readonly timeout?: number | undefined
}

export type EnginePorts = Pick<Ports, 'process' | 'files' | 'log' | 'progress' | 'signal' | 'environment'>

/** An image as an engine left it, in a layout of its own. */
export interface MadeImage {
  readonly layout: Layout
  readonly root: Descriptor
}

/** A program that builds Dockerfiles, found on this machine and asked what it can do. */
export interface Engine {
  readonly name: 'buildah' | 'buildx'
  readonly version: string
  /** Builds into layouts below a private folder: one image or index, or an image for each platform in the order asked for. */
  build(request: DockerfileRequest, folder: string): Promise<readonly MadeImage[]>
}

/** Why an engine cannot be used here, in a few words. */
export interface Absent {
  readonly absent: string
}

export interface ImageBase {
  readonly name: string
  readonly digest?: Digest
}
