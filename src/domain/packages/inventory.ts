import type { Descriptor, Manifest } from '../oci/types.ts'
import { assemble } from './assemble.ts'
import type { Find } from './cataloguer.ts'
import { cataloguers } from './cataloguers.ts'
import { FileTree } from './file-tree.ts'
import { applyLayer } from './layer.ts'
import type { Inventory } from './package.ts'

/** Opens the blob of a layer, wherever it is; its bytes are checked while they are read. */
export type OpenLayer = (layer: Descriptor) => AsyncIterable<Uint8Array>

/** What the image of one platform holds, from its layers as they lie on each other. @throws SW-TAR-MALFORMED, SW-COMPRESSED-LIMIT and others of a layer that is none */
export async function inventoryOf({ layers }: Manifest, open: OpenLayer, onLayer?: (place: number) => void): Promise<Inventory> {
  const tree = new FileTree<Find>()
  for (const [place, descriptor] of layers.entries()) {
    onLayer?.(place)
    await applyLayer(tree, { descriptor, open: () => open(descriptor) }, cataloguers)
  }
  return assemble(tree.entries())
}
