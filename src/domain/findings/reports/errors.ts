import { defineError } from '../../../base/errors.ts'

export const reportUnknown = defineError({
  code: 'SW-SCAN-REPORT-UNKNOWN',
  fault: 'input',
  title: 'A file is no report of a scanner that is understood.',
  causes: [
    'It is SARIF, a table or an SBOM: those do not say which package in which version a finding is about.',
    'It is of another scanner, or of a version whose format is newer or older.',
  ],
  fix: 'Give the JSON of the scanner itself: `trivy image --format json`, `grype -o json`, `osv-scanner scan --format json`, the report of Harbor from `additions/vulnerabilities`, or the `report` of a scan of Slipway.',
})

export const reportInvalid = defineError({
  code: 'SW-SCAN-REPORT-INVALID',
  fault: 'input',
  title: 'A report cannot be read, and what it warns of would be missed.',
  causes: [
    'The file was cut, or is not JSON.',
    'A field that is needed is missing or of another kind.',
    'It is deeper or larger than any report is.',
  ],
  fix: 'Make the report again; the message names the file and the field.',
})

export const reportSubject = defineError({
  code: 'SW-SCAN-REPORT-SUBJECT',
  fault: 'input',
  title: 'A report is not about what is scanned.',
  causes: [
    'It was made of an image before it was built again, or of another one.',
    'It does not say by any digest what it is about: it was made of a folder or an SBOM.',
  ],
  fix: 'Scan the image by its digest and give that report. `report-subject: assumed` takes one that names no digest for a report of `digest`; one of another digest is always refused.',
})

/** What reading reports may meet besides the errors of files. */
export const reportErrors = [reportUnknown, reportInvalid, reportSubject] as const
