import { defineError } from '../../base/errors.ts'

export const tagUnnamed = defineError({
  code: 'SW-TAG-UNNAMED',
  fault: 'input',
  title: 'It is not said whose tags to move.',
  causes: ['`image` is not set, and no push of this image is in the release record.', 'The record is of another workspace or another run.'],
  fix: 'Run `push` with `tags-last` in this workspace before, or set `image` and `digest`.',
})

export const tagUnverified = defineError({
  code: 'SW-TAG-UNVERIFIED',
  fault: 'policy',
  title: 'No tag is moved to an image that did not pass its verification.',
  causes: [
    '`verify` has refused this image, and the workflow went on all the same: `continue-on-error`, `if: always()`, `onError: continue`.',
    '`verify` could not find out, or did not run, and `require-verified` is set.',
    'The policy was corrected since, but what it said before is still in the release record.',
  ],
  fix: 'Mend what `verify` names, then start the road again: `slipway run`. No tag has moved.',
})
