import { resolve } from 'node:path'
import type { Scanned } from '../../domain/findings/find.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { imagesOf } from '../../domain/packages/images.ts'
import { inventoryOf } from '../../domain/packages/inventory.ts'
import { layerOpener } from '../../domain/packages/layer-opener.ts'
import { inventoryOfSbom } from '../../domain/sbom/read/inventory-of.ts'
import { readSbomFile } from '../../domain/sbom/read/read-sbom.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanNothing } from './errors.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What is scanned: each platform of the image, or each SBOM. @throws SW-SCAN-NOTHING and the errors of layouts and layers */
export async function scannedOf({ layout, digest, sbom }: Input, context: Context<'subject'>): Promise<readonly Scanned[]> {
  const { workspace } = context.files
  if (sbom.length > 0) return Promise.all(sbom.map((path) => ofSbom(path, { workspace, digest })))
  if (layout === undefined) throw scanNothing('Neither `layout` nor `sbom` is given.', { hint: 'run `build` before, or give sbom: FILE' })
  const opened = await openLayout(resolve(workspace, layout))
  const [images, open] = [await imagesOf(opened, digest), await layerOpener(opened, context)]
  const scanned: Scanned[] = []
  for (const [done, { descriptor, manifest, platform }] of images.entries()) {
    context.progress.doing(`packages of ${platform}`, { done, total: images.length, unit: 'items' })
    scanned.push({ subject: { digest: descriptor.digest, platform }, inventory: await inventoryOf(manifest, open) })
  }
  return scanned
}

async function ofSbom(
  path: string,
  { workspace, digest }: { readonly workspace: string; readonly digest: Input['digest'] },
): Promise<Scanned> {
  const inventory = inventoryOfSbom(await readSbomFile(resolve(workspace, path), path))
  return { subject: { digest, platform: path }, inventory }
}
