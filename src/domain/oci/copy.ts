/** Copies between layouts and repositories: to a repository from a layout or from another, and to a layout. */
export { copyBetween } from './copy-between.ts'
export type { CopyProgress } from './copy-blobs.ts'
export { copyFromLayout, type PushOptions } from './copy-from-layout.ts'
export type { Copied, CopyOptions } from './copy-image.ts'
export { copyToLayout, type Pulled, type PullOptions } from './copy-to-layout.ts'
