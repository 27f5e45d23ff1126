import { defineError } from '../../base/errors.ts'

export const gitopsUnnamed = defineError({
  code: 'SW-GITOPS-UNNAMED',
  fault: 'input',
  title: 'It is not said which image to write.',
  causes: ['`image` is not set, and no push of this image is in the record.', 'The image was pushed to several repositories.'],
  fix: 'Set `image` to registry/repository.',
})

export const gitopsTagElsewhere = defineError({
  code: 'SW-GITOPS-TAG',
  fault: 'policy',
  title: 'The tag does not lead to the image that is to be written.',
  causes: ['It was not pushed, or another run has moved it.', 'It is the tag of another repository.'],
  fix: 'Push the tag first, or leave `tag` out: what counts is the digest.',
})

export const gitopsUnverified = defineError({
  code: 'SW-GITOPS-UNVERIFIED',
  fault: 'policy',
  title: 'The image may be written only when `verify` found it good, and the record does not say so.',
  causes: ['`verify` did not run in this workspace, or looked at another digest.', '`verify` refused the image, or used another policy.'],
  fix: 'Run `verify` on the digest, with the policy that counts, and then `gitops-update`.',
})

export const gitopsUntrusted = defineError({
  code: 'SW-GITOPS-UNTRUSTED',
  fault: 'policy',
  title: 'The image does not meet the policy that it is to meet before it is written.',
  causes: [
    'It is not signed, or by somebody else.',
    'An attestation that the policy requires is missing: the verdict of a gate, the provenance.',
  ],
  fix: 'Do not deploy it; sign and attest it as the policy asks, or correct the policy.',
})
