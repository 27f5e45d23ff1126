import { formatBytes, formatCount } from '../../base/bytes.ts'
import type { Block } from '../../spec/ports.ts'
import type { Copied } from './copy-image.ts'

/** `12.1 MB sent of 48.2 MB`. */
export function sentOf({ bytes }: Copied): string {
  return bytes.sent === 0 ? 'all there already' : `${formatBytes(bytes.sent)} sent of ${formatBytes(bytes.total)}`
}

/** How the blobs came to be at the target. */
export function copyTable(title: string, { blobs, bytes }: Copied): Block {
  const counts = [blobs.uploaded, blobs.mounted, blobs.present].map(formatCount)
  return {
    kind: 'table',
    title,
    columns: ['blobs uploaded', 'mounted', 'there already', 'bytes sent'],
    rows: [[...counts, `${formatBytes(bytes.sent)} of ${formatBytes(bytes.total)}`]],
  }
}

/** Which tags point to the image now. */
export function tagsLine(tags: readonly string[]): string {
  return tags.length === 0 ? 'No tag was moved.' : `Tags: ${tags.join(', ')}`
}
