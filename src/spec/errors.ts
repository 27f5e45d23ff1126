import { defineError, type ErrorKind } from '../base/errors.ts'
import { recordBroken, recordVersionUnknown } from './record/record.ts'

export const inputsInvalid = defineError({
  code: 'SW-INPUT-INVALID',
  fault: 'input',
  title: 'One or more inputs cannot be used.',
  causes: [
    'A name is misspelt.',
    'A value is of another form than the input expects.',
    'A required input is missing or empty: an empty value counts as unset.',
  ],
  fix: 'Correct every input that the message lists. `slipway <task> --help` shows what each of them takes.',
})

export const recordMissing = defineError({
  code: 'SW-RECORD-MISSING',
  fault: 'input',
  title: 'An input was not given and the release record does not hold it either.',
  causes: [
    'The task that writes it has not run in this workspace.',
    'The workspace is not shared between the steps or tasks.',
    'The record belongs to another working directory.',
  ],
  fix: 'Run the task that the message names first, in the same workspace, or give the input.',
})

export const outputInvalid = defineError({
  code: 'SW-OUTPUT-INVALID',
  fault: 'tool',
  exit: 1,
  title: 'A task produced an output that is not of its declared kind.',
  causes: ['A mistake in Slipway.'],
  fix: 'Report it with the message and the version of Slipway.',
})

export const outputTooLarge = defineError({
  code: 'SW-OUTPUT-TOO-LARGE',
  fault: 'input',
  title: 'The outputs of a task do not fit into what the host can carry.',
  causes: ['An output is longer than 1 KiB.', 'All results of a Tekton task together exceed 4096 bytes, with what Tekton adds to them.'],
  fix: 'Shorten the names that the message lists (repository, layout path), or read the value from .slipway/record.json.',
})

/** What every task may meet, besides its own errors. */
export const kernelErrors: readonly ErrorKind[] = [
  inputsInvalid,
  recordMissing,
  recordBroken,
  recordVersionUnknown,
  outputInvalid,
  outputTooLarge,
]
