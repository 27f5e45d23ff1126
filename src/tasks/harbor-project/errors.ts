import { defineError } from '../../base/errors.ts'

export const harborProjectDrift = defineError({
  code: 'SW-HARBOR-PROJECT-DRIFT',
  fault: 'policy',
  title: 'Harbor is not as the file says.',
  causes: ['Somebody changed a project by hand.', 'The file was changed and not applied yet.'],
  fix: 'Read the differences: apply the file with `mode: apply`, or take what is in Harbor into the file.',
})

export const harborProjectUnsaid = defineError({
  code: 'SW-HARBOR-PROJECT-INPUT',
  fault: 'input',
  title: 'The inputs do not say which projects are meant.',
  causes: [
    '`file` is missing: all modes but export need it.',
    '`projects` is missing: export needs the names.',
    'A line of `secrets` is not NAME=value.',
  ],
  fix: 'Set `file`, or for `mode: export` set `projects`; correct the line of `secrets` that the message names.',
})

export const harborProjectAccount = defineError({
  code: 'SW-HARBOR-PROJECT-ACCOUNT',
  fault: 'environment',
  title: 'There is no account for Harbor’s API.',
  causes: ['`username` and `password` are not set, and `docker login` has left no password for this address.'],
  fix: 'Set `username` and `password`: of a system administrator, of a project’s administrator, or of a robot with the permissions that the guide lists.',
})
