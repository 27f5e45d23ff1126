import { inOrder } from '../../io/in-order.ts'
import type { Descriptor, Manifest } from '../oci/types.ts'
import { assemble } from './assemble.ts'
import type { Find } from './cataloguer.ts'
import { cataloguers } from './cataloguers.ts'
import { FileTree } from './file-tree.ts'
import { readLayer } from './layer.ts'
import { overlay } from './layer-changes.ts'
import type { Inventory } from './package.ts'

/** Opens the blob of a layer, wherever it is; its bytes are checked while they are read. */
export type OpenLayer = (layer: Descriptor) => AsyncIterable<Uint8Array>

/** Layers that are read at once: one unpacks while another is looked through. */
const atOnce = 3

/**
 * What the image of one platform holds, from its layers as they lie on each other. `onLayer` is told how many are done. @throws
 * SW-TAR-MALFORMED, SW-COMPRESSED-LIMIT and others of a layer that is none
 */
export async function inventoryOf({ layers }: Manifest, open: OpenLayer, onLayer?: (done: number) => void): Promise<Inventory> {
  const tree = new FileTree<Find>()
  const read = inOrder(from(layers), atOnce, (descriptor) => readLayer({ descriptor, open: () => open(descriptor) }, cataloguers))
  let done = 0
  onLayer?.(done)
  for await (const changes of read) {
    overlay(tree, changes)
    done += 1
    onLayer?.(done)
  }
  return assemble(tree.entries())
}

async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}
