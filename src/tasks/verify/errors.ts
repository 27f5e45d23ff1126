import { defineError } from '../../base/errors.ts'

export const verifyRefused = defineError({
  code: 'SW-VERIFY-REFUSED',
  fault: 'policy',
  title: 'The image does not meet the verification policy.',
  causes: [
    'Nobody whom the policy trusts signed it, or what was signed is another image.',
    'A required attestation is missing, is by somebody else or says something else.',
    'The policy names another key, identity or trusted root than the one that signs.',
  ],
  fix: 'Read the reason beside each signature: what was expected and what was there. Do not deploy the image before they agree.',
})

export const verifyUnnamed = defineError({
  code: 'SW-VERIFY-UNNAMED',
  fault: 'input',
  title: 'It is not said which image of the repository to verify.',
  causes: [
    '`image` names a repository without a tag or digest, and nothing is taken to mean latest.',
    'No build ran in this workspace before, from whose record the digest would be.',
    '`image` is not set, and the record names no push of this image, or several.',
  ],
  fix: 'Write the digest or the tag into `image`, or set `digest`.',
})
