import { defineError, type ErrorKind } from '../base/errors.ts'

export const identityUnavailable = defineError({
  code: 'SW-IDENTITY-UNAVAILABLE',
  fault: 'environment',
  transient: true,
  title: 'This run has no identity token for the audience that a service asks for.',
  causes: [
    'On GitHub the job lacks the permission `id-token: write`; pull requests from forks never have it.',
    'On Tekton no token is mounted, or it is made for another audience.',
    'The token has expired: the clock is wrong, or the step waited for long.',
  ],
  fix: 'GitHub: add `permissions: {id-token: write}` to the job. Tekton: mount a projected serviceAccountToken with that audience at /var/run/sigstore/cosign. Elsewhere: set SIGSTORE_ID_TOKEN.',
})

export const listAmbiguous = defineError({
  code: 'SW-INPUT-AMBIGUOUS',
  fault: 'input',
  title: 'A list given on Tekton cannot be told from what surrounds it.',
  causes: [
    'An item equals one of the markers that begin a list (`--list=<input>`).',
    'The arguments of the step were edited by hand and name a list twice.',
  ],
  fix: 'Remove the item that the message shows, or use the arguments of the Task as they were generated.',
})

export const secretExposed = defineError({
  code: 'SW-INPUT-SECRET',
  fault: 'input',
  title: 'An input that is not secret holds the value of one that is.',
  causes: [
    'A value contains `$(INPUT_…)`: Kubernetes replaced it by the secret of that name before the step started.',
    'The secret was also given to another input.',
  ],
  fix: 'Find out who wrote the value that the message names; write `$$(` for a literal `$(`. Then change the secret: other processes of the node could read it.',
})

export const hostUnwritable = defineError({
  code: 'SW-HOST-UNWRITABLE',
  fault: 'environment',
  title: 'A file through which the CI system takes outputs cannot be written.',
  causes: [
    'The variable that names it is missing or names a folder that is not there.',
    'The file belongs to another user, or the disk is full.',
  ],
  fix: 'GitHub: run the step on a current runner, not with GITHUB_OUTPUT changed. Tekton: use the generated Task; it gives each result as RESULT_<NAME>.',
})

export const hostUnknown = defineError({
  code: 'SW-HOST-UNKNOWN',
  fault: 'input',
  title: 'SLIPWAY_HOST names no host that Slipway knows.',
  causes: ['The variable is misspelt.'],
  fix: 'Unset SLIPWAY_HOST to have the host detected, or set it to github, tekton or local.',
})

/** What any task may meet because of where it runs. */
export const hostErrors: readonly ErrorKind[] = [identityUnavailable, listAmbiguous, secretExposed, hostUnwritable, hostUnknown]
