import type { Digest } from '../../base/digest.ts'

/** What is to be deployed: by its digest, with the tag that people read. */
export interface NewImage {
  /** registry/repository. */
  readonly name: string
  readonly tag?: string | undefined
  readonly digest: Digest
}

/** `registry/repository:tag@digest`, as a manifest has it. */
export function referenceOf({ name, tag, digest }: NewImage): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}@${digest}`
}

/** `tag@digest`, for what puts a repository and a colon before it; some tag must be there, and the digest is what counts. */
export function versionOf({ tag, digest }: NewImage): string {
  return `${tag ?? 'latest'}@${digest}`
}
