import { defineError } from '../../base/errors.ts'

export const tagInvalid = defineError({
  code: 'SW-PUSH-TAG',
  fault: 'input',
  title: 'A tag is not one that a registry takes.',
  causes: [
    'It is longer than 128 characters, or begins with a dot or a dash.',
    'It holds a character other than letters, digits, `_`, `.` and `-`: a branch name with `/`, or a version with `+`.',
  ],
  fix: 'Replace the characters before you pass the tag: `feature/x` → `feature-x`, `1.4.0+build` → `1.4.0-build`.',
})
