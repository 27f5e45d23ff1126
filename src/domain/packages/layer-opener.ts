import type { Ports } from '../../spec/ports.ts'
import { pullPieces } from '../oci/blobs.ts'
import type { Layout } from '../oci/layout.ts'
import { hasBlob, openBlob } from '../oci/layout-blobs.ts'
import { sourceOf, sourcesOf } from '../oci/layout-sources.ts'
import { connectRegistry, type Repository } from '../oci/registry.ts'
import type { Descriptor } from '../oci/types.ts'
import { layerUnreadable } from './errors.ts'
import type { OpenLayer } from './inventory.ts'

/** Opens layers from a layout, and those of a base that the layout leaves out from the repository that it names for them. */
export async function layerOpener(layout: Layout, ports: Ports): Promise<OpenLayer> {
  const sources = await sourcesOf(layout, (name) => connectRegistry(name, ports))
  return (layer) => piecesOf(layout, layer, sources)
}

async function* piecesOf(layout: Layout, layer: Descriptor, sources: readonly Repository[]): AsyncGenerator<Uint8Array> {
  if (await hasBlob(layout, layer)) yield* openBlob(layout, layer)
  else {
    const source = await sourceOf(layer, sources)
    if (source === undefined)
      throw layerUnreadable(`The layout at ${layout.folder} has no layer ${layer.digest}, and names no repository that does.`)
    yield* pullPieces(source, layer)
  }
}
