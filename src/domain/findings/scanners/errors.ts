import { defineError } from '../../../base/errors.ts'

export const scannerUnfit = defineError({
  code: 'SW-SCANNER-UNFIT',
  fault: 'environment',
  title: 'The scanner that is there is not the one that is wanted.',
  causes: [
    'Its digest is not the one that is pinned.',
    'Its version is older or newer than those whose reports are understood.',
    'It is a build that does not say its version.',
  ],
  fix: 'Install a version in the range that the message names. A build without a version is taken when its digest is pinned: `trivy-digest`, `grype-digest`.',
})

export const scannerDatabase = defineError({
  code: 'SW-SCANNER-DATABASE',
  fault: 'environment',
  title: 'The scanner has no database of vulnerabilities.',
  causes: [
    'Scanners are run without the network, and their database was not fetched before.',
    'It is kept in another folder than the one that is looked into.',
  ],
  fix: 'Fetch it in a step of its own, and name its folder: `trivy image --download-db-only --cache-dir FOLDER` and `trivy-cache: FOLDER`; `GRYPE_DB_CACHE_DIR=FOLDER grype db update` and `grype-cache: FOLDER`.',
})

export const scannerFailed = defineError({
  code: 'SW-SCANNER-FAILED',
  fault: 'tool',
  title: 'A scanner failed, or did not end in time.',
  causes: [
    'It cannot read the image or its own database.',
    'It waits for something, or the image is larger than `scanner-timeout` allows.',
  ],
  fix: 'Run the same program on the layout yourself: `trivy image --input LAYOUT`, `grype oci-dir:LAYOUT`.',
})

/** What running scanners may meet besides the errors of programs, files and reports. */
export const scannerErrors = [scannerUnfit, scannerDatabase, scannerFailed] as const
