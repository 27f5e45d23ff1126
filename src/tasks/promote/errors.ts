import { defineError } from '../../base/errors.ts'

export const promoteUnnamed = defineError({
  code: 'SW-PROMOTE-UNNAMED',
  fault: 'input',
  title: 'It is not said which image of the repository to promote.',
  causes: [
    '`from` names a repository without a tag or digest, and nothing is taken to mean latest.',
    'No build ran in this workspace before, from whose record the digest would be.',
  ],
  fix: 'Write the tag or the digest into `from`, or set `digest`.',
})
