import { defineError } from '../../base/errors.ts'

export const attestNothing = defineError({
  code: 'SW-ATTEST-NOTHING',
  fault: 'input',
  title: 'The record does not have what is to be attested.',
  causes: [
    '`predicates` names something that no task before has written: test writes test results, sbom SBOMs, scan a verdict.',
    'The record is about another image than the one to attest to.',
    '`predicates` is none, and `files` is empty.',
  ],
  fix: 'Run the task that writes it before, give the predicate as a file in `files`, or leave it out of `predicates`.',
})
