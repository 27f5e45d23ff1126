import { defineError } from '../../base/errors.ts'
import { vexInvalid } from '../vex/errors.ts'

export const gatePolicyInvalid = defineError({
  code: 'SW-GATE-POLICY',
  fault: 'input',
  title: 'The policy of the gate cannot be used.',
  causes: [
    'A key is misspelt, or comes twice.',
    'A value is none that the key takes; a licence is none of the SPDX list.',
    'The file is no YAML.',
  ],
  fix: 'Correct the place that the message names; schemas/scan-policy.schema.json describes the file.',
})

export const gateNoFeed = defineError({
  code: 'SW-GATE-NO-FEED',
  fault: 'input',
  title: 'The policy asks for what no input tells.',
  causes: [
    'The policy has `kev: fail` or `epss`, and no feed says which vulnerabilities are exploited: every finding would pass.',
    'The policy has `new-only: true`, and no baseline says what is known.',
  ],
  fix: 'Give the input that the message names, or take the condition out of the policy.',
})

export const exceptionsInvalid = defineError({
  code: 'SW-GATE-EXCEPTIONS',
  fault: 'input',
  title: 'The file of exceptions cannot be used.',
  causes: [
    'An exception has no reason, owner or date on which it expires, or a date later than `max-exception` of the policy allows.',
    'An entry of another tool’s file has no date, and `exceptions-expire` gives none.',
    'A key is misspelt, or comes twice.',
    'The file is no YAML or TOML.',
  ],
  fix: 'Give each exception `id`, `reason`, `owner` and `expires: YYYY-MM-DD`; schemas/scan-exceptions.schema.json describes the file.',
})

export const baselineMissing = defineError({
  code: 'SW-GATE-BASELINE-MISSING',
  fault: 'input',
  title: 'There is no baseline to compare with.',
  causes: [
    'The report of the base branch was not fetched, or is kept for fewer days than have passed.',
    'The image is not at its registry, or nobody has attested to it what a scan found.',
  ],
  fix: 'Scan the base branch and keep its report, or `attest` the image that is the baseline. `baseline-missing: all` takes every finding for new, once.',
})

export const scanReportInvalid = defineError({
  code: 'SW-GATE-REPORT',
  fault: 'input',
  title: 'A report of a scan cannot be read.',
  causes: ['The file is no report of `scan`, or one of a newer version.', 'It was cut when it was kept or fetched.'],
  fix: 'Give the output `report` of an earlier `scan`, as it was written.',
})

export const baselineUntrusted = defineError({
  code: 'SW-GATE-BASELINE-UNTRUSTED',
  fault: 'policy',
  title: 'What was found in the image of the baseline is attested by nobody whom the policy trusts.',
  causes: [
    'Another key or identity signed the image or the attestation.',
    'The attestation was made by a scanner that does not name packages.',
  ],
  fix: 'Read the reasons; `slipway verify` with the same policy tells more. Who could write the baseline could hide any finding in it.',
})

export const gateRefused = defineError({
  code: 'SW-GATE-REFUSED',
  fault: 'policy',
  title: 'The gate has not passed this image.',
  causes: [
    '`scan` refused the image, and the workflow went on.',
    'The gate is required, and the release record has no verdict on this digest: the scan was of another image, or there was none.',
  ],
  fix: 'Mend what `scan` names and run the road again. Nothing is signed, attested or tagged before the gate passes.',
})

/** What a task with a gate may meet. */
export const gateErrors = [
  gatePolicyInvalid,
  gateNoFeed,
  exceptionsInvalid,
  baselineMissing,
  scanReportInvalid,
  baselineUntrusted,
  vexInvalid,
] as const
