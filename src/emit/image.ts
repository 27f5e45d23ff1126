import { isReferenceFault, parseReference } from '../base/reference.ts'

const nowhere = `sha256:${'0'.repeat(64)}`

/**
 * The image that every Tekton Task and StepAction runs: Node, and the bundles under /opt/slipway/dist.
 * A release writes the digest that it pushed here, or passes `npm run emit -- --image REFERENCE`. Until then it is one that
 * no registry can answer, and the emitted files say so in their first lines.
 */
export const runtimeImage = `ghcr.io/slipway-ci/slipway:0.1.0@${nowhere}`

/** The reference itself. @throws unless it has a tag, for people, and a digest, for machines */
export function pinned(reference: string): string {
  const parsed = parseReference(reference)
  if (isReferenceFault(parsed)) throw new Error(`the image "${reference}" ${parsed.error}`)
  if (parsed.tag === undefined || parsed.digest === undefined)
    throw new Error(`the image "${reference}" lacks a tag or a digest, expected both`)
  return reference
}

/** The remark for files that name an image which does not exist yet. */
export function imageRemarks(image: string): readonly string[] {
  if (!isPlaceholder(image)) return []
  return ['Not released yet: the digest of zeros below is a placeholder. `npm run emit -- --image REFERENCE` writes a real one.']
}

/** Whether no registry can have the image, since it was not released. */
export function isPlaceholder(image: string): boolean {
  return image.endsWith(`@${nowhere}`)
}
