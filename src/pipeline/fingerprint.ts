import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import type { Digest } from '../base/digest.ts'
import { walk } from '../io/files.ts'

/**
 * Identifies the files of a workspace without reading them: name, size, mode, time of change, inode. Equal fingerprint, same files.
 * Left out: `.git`, `.slipway`, the pipeline file (its values are in the keys of the tasks), and what is inside of the packages in
 * `node_modules`, for which the lock that npm keeps there speaks.
 */
export async function fingerprint(workspace: string, pipelineFile: string | undefined): Promise<Digest> {
  const left = new Set(['.git', '.slipway', pipelineFile === undefined ? '' : relative(workspace, pipelineFile)])
  const take = (path: string, kind: string): boolean =>
    !left.has(path) && !(kind === 'directory' && /(?:^|\/)node_modules\/[^/]+$/.test(path))
  const hash = createHash('sha256')
  for await (const { path, kind, size, mode, modified, inode, target } of walk(workspace, { take })) {
    if (kind !== 'directory') hash.update(`${JSON.stringify([path, kind, size, mode, modified, inode, target ?? ''])}\n`)
  }
  return `sha256:${hash.digest('hex')}`
}
