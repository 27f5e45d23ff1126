import { defineError } from '../../../base/errors.ts'

export const signUnpinned = defineError({
  code: 'SW-SIGN-UNPINNED',
  fault: 'input',
  title: 'It is not said by digest what to sign.',
  causes: [
    'image has a tag and no digest: a tag may point elsewhere by the time it is signed, so none is looked up.',
    'No build or push ran in this workspace before, from whose record the digest or the repository would be.',
  ],
  fix: 'Give image as registry/repository@sha256:…, or set digest, or run push first.',
})
