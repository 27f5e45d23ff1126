import { defineError } from '../../base/errors.ts'

export const contextMissing = defineError({
  code: 'SW-BUILD-CONTEXT-MISSING',
  fault: 'input',
  title: 'The build context does not exist.',
  causes: ['The path is relative to another folder than the workspace.', 'An earlier step that should have made it did not run.'],
  fix: 'Set `context` to a folder, or for a static program to its file, relative to the workspace.',
})

export const dockerignoreBroken = defineError({
  code: 'SW-BUILD-DOCKERIGNORE',
  fault: 'input',
  title: 'The .dockerignore file cannot be read.',
  causes: ['A pattern has an unbalanced bracket.', 'The file is no text.'],
  fix: 'Mend the pattern that the message shows; a bracket that is part of a name is written \\[.',
})
