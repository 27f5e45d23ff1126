import { defineError } from '../../../base/errors.ts'

export const harborProjectFile = defineError({
  code: 'SW-HARBOR-PROJECT-FILE',
  fault: 'input',
  title: 'The file of Harbor projects cannot be used.',
  causes: ['A key or a value is not one that the file has; the message names line and path.', 'It is no YAML.'],
  fix: 'Correct the lines that the message names. `schemas/harbor-projects.schema.json` lets an editor complete and check the file.',
})

export const harborProjectIgnored = defineError({
  code: 'SW-HARBOR-PROJECT-IGNORED',
  fault: 'remote',
  title: 'Harbor said yes to a change, and did not make it.',
  causes: [
    'This Harbor is older than the setting, and drops what it does not know.',
    'The account may not change the setting, and Harbor does not say so.',
    'Somebody else changes the same setting at the same time.',
  ],
  fix: 'Compare what the message quotes with the page of the project in Harbor. Leave out what this Harbor cannot keep, or give an account that may.',
})

export const harborProjectFixed = defineError({
  code: 'SW-HARBOR-PROJECT-FIXED',
  fault: 'input',
  exit: 5,
  title: 'Harbor does not let this setting change.',
  causes: ['A project is made as a proxy cache or not, and stays so.'],
  fix: 'Make a project of another name, or take the setting as Harbor has it into the file.',
})

export const harborRobotUnkept = defineError({
  code: 'SW-HARBOR-ROBOT-UNKEPT',
  fault: 'input',
  title: 'A robot is to be made, and nobody would keep its secret.',
  causes: ['The file has no `secret-to` for the robot. Harbor tells a secret once, and it is never printed.'],
  fix: 'Say in `secret-to` which secret of GitHub or Kubernetes it goes to.',
})

export const harborProjectReference = defineError({
  code: 'SW-HARBOR-PROJECT-REFERENCE',
  fault: 'input',
  title: 'The file names something that Harbor does not have.',
  causes: ['A registry or a provider of preheating is misspelt, or not made yet.'],
  fix: 'Name it under `registries` of the same file, or make it in Harbor under Administration.',
})

export const harborProjectRestless = defineError({
  code: 'SW-HARBOR-PROJECT-BUSY',
  fault: 'remote',
  exit: 5,
  title: 'Others change the same project, and no agreement was reached.',
  causes: ['Two files, or two revisions of one, are applied at the same time.'],
  fix: 'Let one pipeline apply the file, one run at a time; then run again.',
})

/** What plan and apply of projects may meet besides the errors of Harbor. */
export const harborProjectErrors = [
  harborProjectFile,
  harborProjectIgnored,
  harborProjectFixed,
  harborProjectReference,
  harborProjectRestless,
  harborRobotUnkept,
] as const
