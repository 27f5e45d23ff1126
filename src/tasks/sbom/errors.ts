import { defineError } from '../../base/errors.ts'

export const sbomUnscannable = defineError({
  code: 'SW-SBOM-UNSCANNABLE',
  fault: 'input',
  title: 'Something in the image may hold packages and cannot be read, so its list would not be whole.',
  causes: ['A package database is of a format that is not read here.', 'A file is damaged, or larger than what is read.'],
  fix: 'Mend or remove the file, or set `unscannable: warn`: then the SBOM names it and says that it is incomplete.',
})
