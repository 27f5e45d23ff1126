import { defineError } from '../../base/errors.ts'

export const sbomUnscannable = defineError({
  code: 'SW-SBOM-UNSCANNABLE',
  fault: 'input',
  title: 'Something in the image may hold packages and cannot be read, so its list would not be whole.',
  causes: ['A package database is of a format that is not read here.', 'A file is damaged, or larger than what is read.'],
  fix: 'Mend or remove the file, or set `unscannable: warn`: then the SBOM names it and says that it is incomplete.',
})

export const sbomNothing = defineError({
  code: 'SW-SBOM-NOTHING',
  fault: 'input',
  title: 'There is nothing to list.',
  causes: ['No image is in a layout, and neither a source tree nor an SBOM is given.'],
  fix: 'Run `build` before, or give `layout` and `digest`, `source: FOLDER` or `from: FILE`.',
})

export const sbomSubject = defineError({
  code: 'SW-SBOM-SUBJECT',
  fault: 'input',
  title: 'An SBOM names another image than the one it is given for.',
  causes: ['It was made of an earlier build, or of another platform.', 'The layout holds another image than was meant.'],
  fix: 'Make the SBOM of this image, or give the `digest` of the image that it is of.',
})

export const sbomRefused = defineError({
  code: 'SW-SBOM-PROFILE',
  fault: 'policy',
  title: 'An SBOM does not have what its profile asks for.',
  causes: ['A required field is left out, of the document or of some components.', 'The format has no place for the field.'],
  fix: 'Read the output `report`, or the summary, for what is missing where. `author` names who answers for the SBOM; `check-on-fail: warn` lets it pass.',
})
