/**
 * The image that every Tekton Task and StepAction runs: the bundles under /opt/slipway/dist, and Node.
 * A release writes the digest that it pushed here (or passes `npm run emit -- --image REFERENCE`); until then it is
 * sixty-four zeros, which no registry can answer, and the emitted files say so in their first lines.
 */
export const runtimeImage = `ghcr.io/slipway-ci/slipway:0.1.0@sha256:${'0'.repeat(64)}`

/** The remark for files that name an image which does not exist yet. */
export function imageRemarks(image: string): readonly string[] {
  if (!image.endsWith(`@sha256:${'0'.repeat(64)}`)) return []
  return ['Not released yet: the digest of zeros below is a placeholder. `npm run emit -- --image REFERENCE` writes a real one.']
}
