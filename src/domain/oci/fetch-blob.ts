import { pullPieces } from './blobs.ts'
import type { Layout } from './layout.ts'
import { hasBlob, writeBlob } from './layout-blobs.ts'
import type { Repository } from './registry.ts'
import type { Promised } from './verify.ts'

/** Copies a blob from a repository to a layout that does not have it. Throws what `pullPieces` fails with. */
export async function fetchBlob(repository: Repository, layout: Layout, blob: Promised): Promise<void> {
  if (!(await hasBlob(layout, blob))) await writeBlob(layout, pullPieces(repository, blob), blob)
}
