import { resolve } from 'node:path'
import type { Target } from '../../domain/findings/reports/subjects.ts'
import { type Layout, openLayout } from '../../domain/oci/layout.ts'
import { imagesOf, type PlatformImage } from '../../domain/packages/images.ts'
import { inventoryOf, type OpenLayer } from '../../domain/packages/inventory.ts'
import { layerOpener } from '../../domain/packages/layer-opener.ts'
import { inventoryOfSbom } from '../../domain/sbom/read/inventory-of.ts'
import { readSbomFile } from '../../domain/sbom/read/read-sbom.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanNothing } from './errors.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** The layout that holds what is scanned, for scanners that read images themselves. */
export interface Opened {
  readonly layout: Layout
  readonly open: OpenLayer
  readonly images: ReadonlyMap<Target, PlatformImage>
}

export interface Scene {
  readonly targets: readonly Target[]
  /** Absent where SBOMs or reports are all there is. */
  readonly opened?: Opened
}

/**
 * What is scanned: each platform of the image, each SBOM, or what reports and Harbor alone speak of, of which the packages are not known.
 * @throws SW-SCAN-NOTHING and the errors of layouts and layers
 */
export async function scannedOf({ layout, digest, sbom, reports, source }: Input, context: Context<'subject'>): Promise<Scene> {
  const { workspace } = context.files
  if (sbom.length > 0) return { targets: await Promise.all(sbom.map((path) => ofSbom(path, { workspace, digest }))) }
  if (layout !== undefined) return ofLayout(await openLayout(resolve(workspace, layout)), digest, context)
  if (reports.length > 0 || source.includes('harbor'))
    return { targets: [{ subject: { digest, platform: 'as reported' }, inventory: { packages: [], unscannable: [] } }] }
  throw scanNothing('None of `layout`, `sbom` and `reports` is given.', { hint: 'run `build` before, or give sbom: FILE' })
}

async function ofLayout(layout: Layout, digest: Input['digest'], context: Context<'subject'>): Promise<Scene> {
  const [images, open] = [await imagesOf(layout, digest), await layerOpener(layout, context)]
  const targets = new Map<Target, PlatformImage>()
  for (const [done, image] of images.entries()) {
    const { descriptor, manifest, platform, config } = image
    context.progress.doing(`packages of ${platform}`, { done, total: images.length, unit: 'items' })
    const blobs = manifest.layers.map((layer, at) => [config.rootfs.diff_ids[at] ?? layer.digest, layer.digest] as const)
    targets.set(
      {
        ...{ subject: { digest: descriptor.digest, platform }, inventory: await inventoryOf(manifest, open) },
        ...{ config: manifest.config.digest, layers: new Map(blobs) },
      },
      image,
    )
  }
  return { targets: [...targets.keys()], opened: { layout, open, images: targets } }
}

async function ofSbom(
  path: string,
  { workspace, digest }: { readonly workspace: string; readonly digest: Input['digest'] },
): Promise<Target> {
  const inventory = inventoryOfSbom(await readSbomFile(resolve(workspace, path), path))
  return { subject: { digest, platform: path }, inventory }
}
