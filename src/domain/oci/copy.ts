/** Copies between a layout and a repository, both ways. */
export { type Copied, type CopyOptions, type CopyProgress, copyFromLayout } from './copy-from-layout.ts'
export { copyToLayout, type Pulled, type PullOptions } from './copy-to-layout.ts'
