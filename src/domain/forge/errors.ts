import { defineError } from '../../base/errors.ts'

export const forgeUnknown = defineError({
  code: 'SW-FORGE-UNKNOWN',
  fault: 'input',
  title: 'It is not known what serves the repository: GitHub, GitLab or Gitea.',
  causes: ['The server has a name of its own.', 'The repository is a folder, or is reached by a path that names no project.'],
  fix: 'Set `forge` to github, gitlab or gitea, and `forge-url` to the address of its API where that is not on the same host.',
})

export const forgeDenied = defineError({
  code: 'SW-FORGE-DENIED',
  fault: 'environment',
  title: 'The API of the forge does not let this run do what it has to.',
  causes: [
    'The token has expired, or is one of another server.',
    'It may push and not use the API: a deploy key, the token of a job in another repository.',
    'On GitHub: the workflow may not create pull requests, or its `permissions` lack what the message names.',
  ],
  fix: 'Give a token that may read and write code and pull requests of the repository.',
})

export const forgeMissing = defineError({
  code: 'SW-FORGE-NOT-FOUND',
  fault: 'input',
  title: 'The API of the forge does not know what it is asked about.',
  causes: ['The token may not see the repository: forges answer the same then.', 'The API is at another address.'],
  fix: 'Check that the token may read the repository, and `forge-url`.',
})

export const forgeRefused = defineError({
  code: 'SW-FORGE-REFUSED',
  fault: 'remote',
  title: 'The API of the forge refuses what it is asked for.',
  causes: ['A rule of the repository is against it.', 'A label or a reviewer that was named does not exist.'],
  fix: 'Mend what the message quotes, in the settings of the repository or in the inputs.',
})

export const forgeLimited = defineError({
  code: 'SW-FORGE-LIMITED',
  fault: 'remote',
  transient: true,
  title: 'The API of the forge has been asked too often.',
  causes: ['Many runs share one token.'],
  fix: 'Run again later, or give the runs tokens of their own.',
})

export const forgeStrange = defineError({
  code: 'SW-FORGE-ANSWER',
  fault: 'remote',
  title: 'The answer is not one of the forge.',
  causes: [
    'Another server, a proxy or a login page answers at this address.',
    'The forge is much older or newer than those that are known.',
  ],
  fix: 'Check `forge` and `forge-url`.',
})

export const forgeErrors = [forgeUnknown, forgeDenied, forgeMissing, forgeRefused, forgeLimited, forgeStrange] as const
