import { TaskError } from '../../base/errors.ts'
import { pullBlob } from './blobs.ts'
import type { Layout } from './layout.ts'
import { hasBlob, writeBlob } from './layout-blobs.ts'
import type { Repository } from './registry.ts'
import type { Promised } from './verify.ts'

const attempts = 3

/** Copies a blob from a repository to a layout that does not have it. A cut download begins anew. Throws what `pullBlob` fails with. */
export async function fetchBlob(repository: Repository, layout: Layout, blob: Promised): Promise<void> {
  if (await hasBlob(layout, blob)) return
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeBlob(layout, pullBlob(repository, blob), blob)
      return
    } catch (error) {
      if (attempt === attempts || !(error instanceof TaskError) || !error.retryable) throw error
      repository.log.debug('a download was cut and begins anew', { blob: blob.digest, attempt, reason: error.code })
      await repository.clock.sleep(500 * 2 ** attempt * Math.random())
    }
  }
}
