import { join, resolve } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { type BaseShare, shareOf } from '../../domain/findings/base.ts'
import type { Finding } from '../../domain/findings/finding.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { imagesOf, type PlatformImage } from '../../domain/packages/images.ts'
import { exists } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { candidatesOf, layersOf } from './candidates.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const [nameOfBase, digestOfBase] = ['org.opencontainers.image.base.name', 'org.opencontainers.image.base.digest']

/** What of the findings comes with the base image, and what others would bring; undefined where it is not known which layers are its. */
export async function baseOf(input: Input, findings: readonly Finding[], context: Context<'subject'>): Promise<BaseShare | undefined> {
  const { layout, digest, sbom, baseCandidates } = input
  if (layout === undefined || sbom.length > 0 || findings.length === 0) return undefined
  const folder = resolve(context.files.workspace, layout)
  // Reports of others can be judged where the image no longer is.
  if (!(await exists(join(folder, 'oci-layout')))) return undefined
  const images = await imagesOf(await openLayout(folder), digest)
  const recorded = context.record.subject?.digest === digest ? context.record.subject : undefined
  const counts = new Map(recorded?.platforms.map((one) => [one.digest, one.baseLayers]))
  const known = images.flatMap(({ descriptor, manifest }) => manifest.layers.slice(0, counts.get(descriptor.digest) ?? 0))
  const name = images.flatMap(({ manifest }) => manifest.annotations?.[nameOfBase] ?? [])[0] ?? recorded?.base?.name ?? ''
  const layers = known.length > 0 || baseCandidates.length === 0 ? known.map((one) => one.digest) : await asked(images, name, context)
  if (layers.length === 0) return undefined
  const platforms = images.map(({ platform }) => platform)
  return shareOf(findings, { name, layers: new Set(layers), candidates: await candidatesOf(input, platforms, context) })
}

/** Of an image whose builder keeps no count of them: by the base itself, at its registry. */
async function asked(images: readonly PlatformImage[], name: string, context: Context<'subject'>): Promise<readonly Digest[]> {
  const [digest] = images.flatMap(({ manifest }) => manifest.annotations?.[digestOfBase] ?? [])
  if (name === '' || digest === undefined) return []
  const base = await layersOf(`${name.replace(/@.*$/, '')}@${digest}`, context)
  return images.flatMap(({ manifest }) => manifest.layers.map((one) => one.digest).filter((one) => base.has(one)))
}
