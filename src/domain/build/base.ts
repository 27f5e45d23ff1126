import type { Digest } from '../../base/digest.ts'
import type { Layout } from '../oci/layout.ts'
import type { Descriptor, ImageConfig, Platform } from '../oci/types.ts'
import { baseFromImage } from './base-image.ts'
import { programUnfit } from './errors.ts'
import type { ImageSource } from './image-source.ts'
import type { LayerPlan, PlanName, RuntimeName } from './layer-plan.ts'
import { type NodeRuntime, nodeProgram, runtimeLabels, runtimeLayers } from './node-runtime.ts'

/** What an image is built on. */
export type BaseName =
  | { readonly kind: 'scratch' }
  /** Programs of the machine come with it; absolute paths. */
  | { readonly kind: 'node-runtime'; readonly programs?: readonly string[] }
  | {
      readonly kind: 'image'
      /** As the user wrote it. */
      readonly name: string
      /** Where others find it, for the annotation; undefined for a layout on this machine. */
      readonly reference?: string
      /** Repository, `registry/repository`, where the layers stay; undefined: they are copied into the layout. */
      readonly layersAt?: string
      readonly open: () => Promise<ImageSource>
    }

/** A base for one platform: layers that exist, or that are to be written. */
export interface Base {
  readonly config?: ImageConfig
  /** As they are; {@link copyLayers} brings them into a layout, unless they stay at {@link layersAt}. */
  readonly layers: readonly Descriptor[]
  readonly layersAt?: string
  copyLayers?(layout: Layout): Promise<void>
  /** To be written below the image's own. */
  readonly plans: readonly LayerPlan[]
  /** Of the platform's manifest, and of what the name stands for, which may be an index; only for an image. */
  readonly digest?: Digest
  readonly rootDigest?: Digest
  readonly labels: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** How an image on it starts a runtime with these arguments; undefined when the base does not have it. */
  startWith?(runtime: RuntimeName, args: readonly string[]): Start | undefined
}

export interface Start {
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
}

/** Where programs are looked for when a base says nothing. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The base asked for, else the one of the plan, with the programs that come along. @throws SW-BUILD-PROGRAM */
export function chooseBase(asked: BaseName | undefined, plan: PlanName, programs: readonly string[] = []): BaseName {
  const base = asked ?? { kind: plan === 'node' ? 'node-runtime' : 'scratch' }
  if (programs.length === 0) return base
  if (base.kind === 'node-runtime') return { kind: 'node-runtime', programs }
  throw programUnfit(`programs names ${programs.join(', ')}, and the base is ${nameOfBase(base)}: its libraries are others.`, {
    hint: 'Set base: node-runtime, or use a base image that has the programs.',
  })
}

/** What a base is for a platform. @throws SW-BUILD-BASE-MISSING, SW-BUILD-BASE-PLATFORM */
export async function resolveBase(base: BaseName, platform: Platform, node: NodeRuntime): Promise<Base> {
  if (base.kind === 'image') return baseFromImage(base, platform)
  if (base.kind === 'scratch') return { layers: [], plans: [], labels: {}, env: {} }
  return {
    layers: [],
    plans: await runtimeLayers(node, platform, base.programs),
    labels: runtimeLabels(node, base.programs),
    env: { PATH: path },
    startWith: (runtime, args) => (runtime === 'node' ? { entrypoint: [nodeProgram, ...args] } : undefined),
  }
}

/** What a base is called in messages and in the record. */
export function nameOfBase(base: BaseName): string {
  return base.kind === 'image' ? base.name : base.kind
}
