import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { headBlob } from './blobs.ts'
import { layoutCorrupt } from './errors.ts'
import { entriesOf, type Layout } from './layout.ts'
import type { Registry, Repository } from './registry.ts'
import type { Descriptor } from './types.ts'

/** On an entry of `index.json`: the repository that has the layers of its base, `registry/repository`. The layout may lack them. */
const annotation = 'dev.slipway.base.repository'

/** An entry whose base's layers are at a repository; whoever reads the layout finds them there. */
export function withSource(entry: Descriptor, repository: string | undefined): Descriptor {
  return repository === undefined ? entry : { ...entry, annotations: { ...entry.annotations, [annotation]: repository } }
}

/** The repositories that have what the layout leaves out, each once. Throws SW-LAYOUT-CORRUPT. */
export async function sourcesOf(layout: Layout, connect: (registry: string) => Registry): Promise<readonly Repository[]> {
  const names = (await entriesOf(layout)).map(({ annotations }) => annotations?.[annotation]).filter((name) => name !== undefined)
  return [...new Set(names)].map((name) => {
    const reference = parseReference(name)
    if (isReferenceFault(reference))
      throw layoutCorrupt(`index.json of ${layout.folder} names the repository ${JSON.stringify(name)}, which ${reference.error}.`)
    return connect(reference.registry).repository(reference.repository)
  })
}

/** The first repository that has a blob. */
export async function sourceOf(blob: Descriptor, sources: readonly Repository[]): Promise<Repository | undefined> {
  for (const source of sources) if ((await headBlob(source, blob.digest)) !== undefined) return source
  return undefined
}
