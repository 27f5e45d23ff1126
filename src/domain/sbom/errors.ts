import { defineError } from '../../base/errors.ts'

export const sbomMalformed = defineError({
  code: 'SW-SBOM-MALFORMED',
  fault: 'input',
  title: 'A file is no SBOM that can be read.',
  causes: [
    'It is of another format: what is read is JSON of CycloneDX 1.2 to 1.7 and of SPDX 2.2, 2.3 and 3.0.1.',
    'The file was cut, or its generator does not keep to the format.',
    'It nests deeper, or names more components, than any real SBOM does.',
  ],
  fix: 'Make it again in one of these formats, for example with `syft -o cyclonedx-json`.',
})

/** What reading an SBOM may throw beside what reading a file does. */
export const sbomErrors = [sbomMalformed]
