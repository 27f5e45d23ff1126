import { defineError } from '../../base/errors.ts'

export const scanRefused = defineError({
  code: 'SW-SCAN-REFUSED',
  fault: 'policy',
  title: 'The gate refuses the image for what was found in it.',
  causes: [
    'A package has a vulnerability of a severity that the policy does not let through.',
    'Something could not be scanned, or it could not be decided whether an advisory means a version.',
    'The advisories are older than the policy allows, or an exception has expired.',
  ],
  fix: 'Take the fixed versions that the table names, or a newer base. What may stay for a while goes into the file of `exceptions`, with a reason, an owner and a date.',
})

export const scanNoDatabase = defineError({
  code: 'SW-SCAN-NO-DATABASE',
  fault: 'input',
  title: 'It is not said by which advisories to scan.',
  causes: [
    '`database` is not set, and neither are `reports` or another `source`. Slipway brings no advisories along: a built-in copy would be old on the day it is used.',
  ],
  fix: 'Fetch `https://osv-vulnerabilities.storage.googleapis.com/ECOSYSTEM/all.zip` into `advisories/ECOSYSTEM/all.zip` for each ecosystem of the image, and set `database: advisories`.',
})

export const scanUpload = defineError({
  code: 'SW-SCAN-UPLOAD',
  fault: 'environment',
  title: 'There is nowhere to upload the findings to.',
  causes: ['`upload: true` outside of GitHub Actions.', 'The step has no token: GITHUB_TOKEN is not set.'],
  fix: 'On GitHub pass `github.token` to the step as the variable GITHUB_TOKEN, and set `permissions: security-events: write`. Elsewhere leave `upload` as it is, and take the output `sarif`.',
})

export const scanNothing = defineError({
  code: 'SW-SCAN-NOTHING',
  fault: 'input',
  title: 'There is nothing to scan.',
  causes: ['Neither an image in a layout nor an SBOM is given.', 'The file that is given is no CycloneDX SBOM, or names no package.'],
  fix: 'Run `build` before, or give `sbom: FILE`, a CycloneDX file in JSON with package URLs.',
})
