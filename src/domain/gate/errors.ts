import { defineError } from '../../base/errors.ts'

export const gatePolicyInvalid = defineError({
  code: 'SW-GATE-POLICY',
  fault: 'input',
  title: 'The policy of the gate cannot be used.',
  causes: ['A key is misspelt, or comes twice.', 'A value is none that the key takes.', 'The file is no YAML.'],
  fix: 'Correct the place that the message names; the keys are in docs/tasks/scan.md.',
})

export const exceptionsInvalid = defineError({
  code: 'SW-GATE-EXCEPTIONS',
  fault: 'input',
  title: 'The file of exceptions cannot be used.',
  causes: ['An exception has no reason, owner or date on which it expires.', 'A key is misspelt, or comes twice.', 'The file is no YAML.'],
  fix: 'Give each exception `id`, `reason`, `owner` and `expires: YYYY-MM-DD`; the keys are in docs/tasks/scan.md.',
})

/** What a task with a gate may meet. */
export const gateErrors = [gatePolicyInvalid, exceptionsInvalid] as const
