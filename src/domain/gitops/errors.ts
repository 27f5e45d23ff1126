import { defineError } from '../../base/errors.ts'

export const gitopsTarget = defineError({
  code: 'SW-GITOPS-TARGET',
  fault: 'input',
  title: 'What is to be changed was not found in the file, or not once.',
  causes: [
    'The file has no such image, path, container or marker.',
    'Several places fit, and only one is meant.',
    'The value is shared by an anchor, or a block of several lines.',
  ],
  fix: 'Name the place as the message shows it, or add it to the file once by hand.',
})

export const gitopsFile = defineError({
  code: 'SW-GITOPS-FILE',
  fault: 'input',
  title: 'A file of the repository cannot be read as what it is said to be.',
  causes: ['It is no YAML or JSON.', 'It is larger or deeper than such files are.'],
  fix: 'Mend the line that the message names.',
})

export const gitopsRefused = defineError({
  code: 'SW-GITOPS-REFUSED',
  fault: 'environment',
  title: 'The server does not take a commit on this branch.',
  causes: ['The branch is protected.', 'The token may read and not write.', 'A hook of the server refuses the commit.'],
  fix: 'Let the account of this run push to the branch, or name another branch.',
})

export const gitopsContended = defineError({
  code: 'SW-GITOPS-CONTENDED',
  fault: 'remote',
  transient: true,
  title: 'Others wrote to the branch faster than this run could.',
  causes: ['Very many pipelines write to one branch.', 'The server is slow.'],
  fix: 'Run it again, or give it more time with `timeout`.',
})

export const gitopsOutdated = defineError({
  code: 'SW-GITOPS-OUTDATED',
  fault: 'policy',
  exit: 5,
  title: 'What is deployed is not what this run may replace.',
  causes: ['A newer pipeline was faster.', 'Somebody has changed the image by hand since.'],
  fix: 'Look at the last commits of the file; run the pipeline of the newer commit, or give `expect-current` what is there now.',
})

export const gitopsFrozen = defineError({
  code: 'SW-GITOPS-FROZEN',
  fault: 'policy',
  title: 'The repository is frozen.',
  causes: ['The freeze file is there: somebody has rolled back by hand, or nothing may be deployed now.'],
  fix: 'Remove the file when it is over, and run again.',
})

export const gitopsSigning = defineError({
  code: 'SW-GITOPS-SIGNING',
  fault: 'input',
  title: 'The commit cannot be signed.',
  causes: [
    'The key is neither one of OpenSSH without a passphrase nor one of OpenPGP.',
    'The passphrase is not that of the OpenPGP key.',
    'ssh-keygen or gpg is not installed here.',
  ],
  fix: 'Make a key for it: ssh-keygen -t ed25519 -N "" -f deploy-key; use the image of Slipway, which has ssh-keygen.',
})

export const gitopsForeign = defineError({
  code: 'SW-GITOPS-FOREIGN',
  fault: 'policy',
  exit: 5,
  title: 'Somebody else has written to the branch of the pull request.',
  causes: ['A person has pushed a commit to it, or amended ours.', 'The base was merged into it with other changes than ours.'],
  fix: 'Merge the pull request, or close it and delete its branch; or name another branch with `head`.',
})

export const gitopsErrors = [
  gitopsForeign,
  gitopsTarget,
  gitopsFile,
  gitopsRefused,
  gitopsContended,
  gitopsOutdated,
  gitopsFrozen,
  gitopsSigning,
] as const
