import { type Digest, sha256 } from '../../base/digest.ts'
import type { ContainerConfig, Platform } from '../oci/types.ts'
import { nameOfBase } from './base.ts'
import type { LayerEntry } from './entries.ts'
import { assembleImage, filesIn, type ImageParts } from './image.ts'
import type { ChosenPlan, LayerPlan } from './layer-plan.ts'
import { contentSize, measureLayer, type WrittenLayer } from './layer-writer.ts'
import { prepareImage } from './prepare.ts'
import type { BuildPorts, BuildRequest, BuiltImage } from './request.ts'

/** A layer that a build would write, or one of the base. Sizes in bytes. */
export interface ExplainedLayer {
  readonly name: string
  readonly why: string
  readonly digest: Digest
  /** As it is sent and kept: compressed. */
  readonly sent: number
  /** Files and links, what they hold, and the largest of them; undefined for a layer of a base image, which is not opened. */
  readonly content?: { readonly files: number; readonly size: number; readonly largest: readonly LargeFile[] }
  readonly isApplication: boolean
}

export interface LargeFile {
  readonly path: string
  readonly size: number
}

export interface ExplainedImage {
  readonly platform: Platform
  /** Of the manifest that a build would write. */
  readonly digest: Digest
  readonly layers: readonly ExplainedLayer[]
  readonly container: ContainerConfig
  /** Bytes of configuration and manifest, which are new with every change. */
  readonly metadata: number
}

/** What a build would make. */
export interface Explanation {
  readonly plan: ChosenPlan
  readonly base: BuiltImage['base']
  readonly images: readonly ExplainedImage[]
  readonly credentials: BuiltImage['credentials']
}

/** How many of the largest files of a layer are named. */
const named = 3

/**
 * What {@link buildImage} would make of the same request, to the byte: layers are packed to know their sizes and digests, and
 * nothing is written. A base image's layers are not fetched.
 */
export async function explainImage(request: BuildRequest, ports: BuildPorts): Promise<Explanation> {
  const { plan, base, parts, credentials } = await prepareImage(request, ports)
  const images: ExplainedImage[] = []
  for (const part of parts) images.push(await explained(part, request, ports))
  const digest = parts[0]?.base.rootDigest
  return { plan, base: { name: nameOfBase(base), ...(digest === undefined ? {} : { digest }) }, images, credentials }
}

async function explained(parts: ImageParts, { compression }: BuildRequest, { signal, progress }: BuildPorts): Promise<ExplainedImage> {
  const own = [...parts.base.plans, ...parts.plans]
  const written: WrittenLayer[] = []
  for (const plan of own) {
    progress.doing(`measuring ${plan.name}`)
    written.push(await measureLayer(plan.entries, { compression, signal }))
  }
  const { manifest } = assembleImage(parts, written)
  const text = JSON.stringify(manifest)
  return {
    platform: parts.platform,
    digest: sha256(text),
    layers: [...baseLayers(parts), ...own.flatMap((plan, index) => ownLayer(plan, written[index]))],
    container: parts.container,
    metadata: manifest.config.size + Buffer.byteLength(text),
  }
}

function baseLayers({ base }: ImageParts): readonly ExplainedLayer[] {
  return base.layers.map(({ digest, size }, index) => ({
    name: `base ${index + 1}`,
    why: 'the base: another one',
    digest,
    sent: size,
    isApplication: false,
  }))
}

function ownLayer(plan: LayerPlan, written: WrittenLayer | undefined): readonly ExplainedLayer[] {
  if (written === undefined) return []
  const { digest, size: sent } = written.descriptor
  const content = { files: filesIn(plan), size: contentSize(plan.entries), largest: largestOf(plan.entries) }
  return [
    {
      name: plan.name,
      why: plan.why ?? 'the machine that builds: another Node',
      digest,
      sent,
      content,
      isApplication: plan.isApplication ?? false,
    },
  ]
}

function largestOf(entries: readonly LayerEntry[]): readonly LargeFile[] {
  const files = entries.filter(({ kind }) => kind === 'file').map((entry) => ({ path: `/${entry.path}`, size: contentSize([entry]) }))
  return files.sort((a, b) => b.size - a.size).slice(0, named)
}
