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

export const gitopsErrors = [gitopsTarget, gitopsFile] as const
