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

export const promoteUnverified = defineError({
  code: 'SW-PROMOTE-UNVERIFIED',
  fault: 'policy',
  title: 'The image may be promoted only when `verify` found it good, and the record does not say so.',
  causes: [
    '`verify` did not run in this workspace, or looked at another digest: a tag was moved in between.',
    '`verify` refused the image, under this policy or another.',
    '`verified-policy` is the digest of another policy than the one that `verify` used.',
  ],
  fix: 'Run `verify` on the digest that is to be promoted, with the policy that counts, and then `promote` with the same digest.',
})
