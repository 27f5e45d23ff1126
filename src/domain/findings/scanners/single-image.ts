import { join } from 'node:path'
import { algorithmOf } from '../../../base/digest.ts'
import { ensureFolder, linkOrCopy } from '../../../io/files.ts'
import { addEntry, createLayout, type Layout } from '../../oci/layout.ts'
import { blobPath, hasBlob, openBlob, writeBlob } from '../../oci/layout-blobs.ts'
import type { PlatformImage } from '../../packages/images.ts'
import type { OpenLayer } from '../../packages/inventory.ts'

/**
 * A layout in `folder` with the image of one platform alone: scanners choose for themselves where a layout has several. Its blobs are names of
 * the same files; layers that `layout` leaves out are fetched from where it says they are.
 */
export async function singleImage(
  folder: string,
  { layout, image, open }: { readonly layout: Layout; readonly image: PlatformImage; readonly open: OpenLayer },
): Promise<Layout> {
  const { descriptor, manifest } = image
  const single = await createLayout(join(folder, 'layout'))
  for (const layer of manifest.layers) {
    if (await hasBlob(single, layer)) continue
    await ensureFolder(join(single.folder, 'blobs', algorithmOf(layer.digest)))
    if (await hasBlob(layout, layer)) await linkOrCopy(blobPath(layout, layer.digest), blobPath(single, layer.digest))
    else await writeBlob(single, open(layer), layer)
  }
  for (const blob of [manifest.config, descriptor]) await writeBlob(single, openBlob(layout, blob), blob)
  const { annotations: _, platform: __, ...bare } = descriptor
  await addEntry(single, bare)
  return single
}
