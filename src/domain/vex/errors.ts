import { defineError } from '../../base/errors.ts'

export const vexInvalid = defineError({
  code: 'SW-VEX-INVALID',
  fault: 'input',
  title: 'A VEX document cannot be used.',
  causes: [
    'The file is no OpenVEX 0.2 document in JSON: it is CSAF, CycloneDX, or OpenVEX of another version.',
    'A statement says not_affected and gives neither a justification nor an impact statement, or names no product.',
    'A statement has no time, or one in the future: it could not be told which of two is newer.',
  ],
  fix: 'Correct the statement that the message names, or leave the file out of `vex`. `vexctl` writes documents that are whole.',
})
