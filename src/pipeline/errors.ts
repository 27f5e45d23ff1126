import { defineError, type ErrorKind } from '../base/errors.ts'

export const pipelineMissing = defineError({
  code: 'SW-PIPELINE-MISSING',
  fault: 'input',
  title: 'The pipeline file that was named does not exist.',
  causes: [
    'The path is misspelt, or relative to another folder than the one the run works in.',
    'The repository has not been checked out.',
  ],
  fix: 'Correct the path given with `--file`, or leave it out: without slipway.yaml the default road is test, build, sbom, push.',
})

export const pipelineInvalid = defineError({
  code: 'SW-PIPELINE-FILE',
  fault: 'input',
  title: 'The pipeline file cannot be used.',
  causes: [
    'It is not YAML, or larger, deeper or more repetitive than such a file needs to be.',
    'A task or an input is misspelt, or a value is of another form than the input expects.',
    'A variable that it takes from the environment is not set.',
  ],
  fix: 'Correct every line that the message lists. `slipway <task> --help` shows what each input takes.',
})

export const pipelineOrder = defineError({
  code: 'SW-PIPELINE-ORDER',
  fault: 'input',
  title: 'A task of the pipeline needs what only a later one makes.',
  causes: ['Two tasks are in the wrong order.'],
  fix: 'Put the task that writes the section before the one that reads it.',
})

export const stateForeign = defineError({
  code: 'SW-STATE-FOLDER',
  fault: 'input',
  title: 'The folder .slipway leads elsewhere.',
  causes: [
    'A symbolic link named .slipway, or one in it, was checked out with the repository.',
    'Somebody keeps the state on another disk.',
  ],
  fix: 'Remove the link; nothing of .slipway belongs in a repository.',
})

export const recordTracked = defineError({
  code: 'SW-RECORD-TRACKED',
  fault: 'input',
  title: 'The release record is part of the repository.',
  causes: [
    'Somebody has committed .slipway/record.json, for which `git add --force` is needed.',
    'A change that is to be built would decide itself what is pushed, signed or promoted.',
  ],
  fix: 'Take it out of the repository: `git rm -r --cached .slipway`. Each run makes its own record.',
})

export const runActive = defineError({
  code: 'SW-RUN-ACTIVE',
  fault: 'environment',
  exit: 5,
  transient: true,
  title: 'Another run works in this workspace.',
  causes: ['`slipway run` was started twice in one folder.', 'An earlier run was put into the background.'],
  fix: 'Wait for the other run, or end it; two runs at once would spoil each other’s record.',
})

export const journalBroken = defineError({
  code: 'SW-JOURNAL-BROKEN',
  fault: 'input',
  title: 'The journal of the last run cannot be read.',
  causes: ['The file .slipway/journal.jsonl was edited.', 'It was written by another version of Slipway.'],
  fix: 'Start afresh: `slipway run`.',
})

export const cancelled = defineError({
  code: 'SW-CANCELLED',
  fault: 'environment',
  title: 'The run was stopped from outside.',
  causes: ['Somebody pressed Ctrl-C or cancelled the workflow.', 'The CI system ended the step at its time limit.'],
  fix: 'Run it again, or `slipway resume` to go on after the last task that was done.',
})

/** What a pipeline may meet, besides the errors of its tasks. */
export const pipelineErrors: readonly ErrorKind[] = [
  pipelineMissing,
  pipelineInvalid,
  pipelineOrder,
  stateForeign,
  recordTracked,
  runActive,
  journalBroken,
  cancelled,
]
