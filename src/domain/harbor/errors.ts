import { defineError } from '../../base/errors.ts'

export const harborLogin = defineError({
  code: 'SW-HARBOR-LOGIN',
  fault: 'environment',
  title: 'Harbor does not take the credentials.',
  causes: [
    'The password or the robot’s secret is wrong, or was replaced.',
    'The robot is disabled, expired or deleted: Harbor answers the same for all of them.',
    'A shell or YAML took the "$" out of the robot’s name.',
    'Harbor logs in by OIDC: there only robots may use its API.',
  ],
  fix: "Check username and password; quote a robot’s name: 'robot$project+name'. Look at its expiry in Harbor under Project › Robot Accounts.",
})

export const harborDenied = defineError({
  code: 'SW-HARBOR-DENIED',
  fault: 'environment',
  title: 'The account at Harbor may not do this.',
  causes: [
    'The robot lacks a permission, or is of another project.',
    'The project does not exist: Harbor tells that to administrators only.',
  ],
  fix: 'Give the robot the permission that the message names, or check the name of the project.',
})

export const harborMissing = defineError({
  code: 'SW-HARBOR-NOT-FOUND',
  fault: 'input',
  title: 'Harbor does not have it.',
  causes: ['The image was not pushed yet, or to another repository.', 'The project’s or repository’s name is not the one in Harbor.'],
  fix: 'Push the image first, and check the reference in the message.',
})

export const harborProjectMissing = defineError({
  code: 'SW-HARBOR-PROJECT',
  fault: 'environment',
  title: 'The project is not in this Harbor.',
  causes: ['It was not created yet.', 'The name of the project, the first part of the repository, is misspelt.'],
  fix: 'Create the project, or set `create-project` with an account that may (`project:create` of the system). Correct the image’s name.',
})

export const harborPreflight = defineError({
  code: 'SW-HARBOR-PREFLIGHT',
  fault: 'environment',
  title: 'Harbor would refuse what is to come, for several reasons.',
  causes: ['The message lists them, each with the code that it would have alone.'],
  fix: 'Mend each line of the message; `slipway explain CODE` says how. `preflight: warn` goes on all the same.',
})

export const harborUnseen = defineError({
  code: 'SW-HARBOR-UNSEEN',
  fault: 'remote',
  title: 'Harbor does not show the signature, and its project wants one.',
  causes: [
    'Harbor before 2.15 knows signatures by the tag `.sig` only, and a bundle was written.',
    'The signature was removed, or replaced by another run, since it was written.',
  ],
  fix: 'Sign with `format: both`, or update Harbor.',
})

export const harborConflict = defineError({
  code: 'SW-HARBOR-CONFLICT',
  fault: 'remote',
  exit: 5,
  title: 'It exists in Harbor already, or something else holds it.',
  causes: ['Another run was faster.', 'What is to be deleted is still in use.'],
  fix: 'Look at what the message names in Harbor, and run again.',
})

export const harborQuota = defineError({
  code: 'SW-HARBOR-QUOTA',
  fault: 'environment',
  title: 'The project’s storage quota is used up.',
  causes: ['The project keeps more images than its quota allows.'],
  fix: 'Delete old artifacts by a retention policy and run garbage collection, or raise the project’s quota.',
})

export const harborReadOnly = defineError({
  code: 'SW-HARBOR-READ-ONLY',
  fault: 'environment',
  title: 'Harbor is in read-only mode.',
  causes: ['An administrator turned it on, mostly for maintenance or garbage collection.'],
  fix: 'Wait until it is over, or turn it off under Administration › Configuration › System Settings.',
})

export const harborImmutable = defineError({
  code: 'SW-HARBOR-IMMUTABLE',
  fault: 'environment',
  exit: 5,
  title: 'An immutability rule of the project holds the tag.',
  causes: ['The tag exists, and a rule says that it never changes; Harbor refuses the same bytes, too.'],
  fix: 'Choose a new tag, or change the rule under Project › Policy › Tag Immutability.',
})

export const harborPolicy = defineError({
  code: 'SW-HARBOR-POLICY',
  fault: 'policy',
  title: 'A policy of the Harbor project holds the image back.',
  causes: ['The project wants a signature that is not there yet.', 'The project blocks vulnerable images, or such as are not scanned yet.'],
  fix: 'Sign and scan the image first; the message quotes the policy.',
})

export const harborScanner = defineError({
  code: 'SW-HARBOR-NO-SCANNER',
  fault: 'environment',
  title: 'Harbor has no scanner for the project.',
  causes: ['None is registered, or the default one was deleted.'],
  fix: 'Register one under Administration › Interrogation Services, or scan with `source: osv`.',
})

export const harborUnsupported = defineError({
  code: 'SW-HARBOR-SCAN-UNSUPPORTED',
  fault: 'input',
  title: 'Harbor’s scanner does not scan artifacts of this type.',
  causes: ['It is no container image.', 'The scanner does not know the media type of the manifest, or makes no SBOMs.'],
  fix: 'Scan the image, not what is attached to it; or choose another source.',
})

export const harborScanFailed = defineError({
  code: 'SW-HARBOR-SCAN-FAILED',
  fault: 'remote',
  title: 'The scan in Harbor failed.',
  causes: [
    'The scanner broke off; Harbor keeps the reason in the log of the scan only.',
    'The scanner cannot reach Harbor or its database.',
  ],
  fix: 'Read the log in Harbor, or give the robot `scan:read` so that the message shows it; then scan again.',
  transient: true,
})

export const harborScanStopped = defineError({
  code: 'SW-HARBOR-SCAN-STOPPED',
  fault: 'remote',
  title: 'Somebody stopped the scan in Harbor.',
  causes: ['It was stopped by hand, or by another run.'],
  fix: 'Run again.',
  transient: true,
})

export const harborScanLate = defineError({
  code: 'SW-HARBOR-SCAN-LATE',
  fault: 'remote',
  title: 'The scan in Harbor did not end in time.',
  causes: [
    'The queue of Harbor’s job service is long, or the service is down.',
    'The image is large, or the scanner fetches its database.',
  ],
  fix: 'Look at Administration › Job Service Dashboard, or wait longer.',
  transient: true,
})

export const harborDatabaseStale = defineError({
  code: 'SW-HARBOR-DATABASE-STALE',
  fault: 'environment',
  title: 'The vulnerability database of Harbor’s scanner is too old.',
  causes: ['The scanner cannot fetch a new one, or its updates are turned off.'],
  fix: 'Let the scanner update: for Trivy `SCANNER_TRIVY_SKIP_UPDATE=false` and a way to its database.',
})

export const harborRefused = defineError({
  code: 'SW-HARBOR-REFUSED',
  fault: 'remote',
  title: 'Harbor refused a request.',
  causes: ['A value is not one that Harbor takes; the message quotes what it says.'],
  fix: 'Correct what the message names.',
})

export const harborBroken = defineError({
  code: 'SW-HARBOR-FAILED',
  fault: 'remote',
  title: 'Harbor failed, or a part of it is down.',
  causes: [
    'The job service, the registry or the database behind it is down.',
    'It hides the reason: only its log has it, by the request id.',
  ],
  fix: 'Look at `/api/v2.0/health`, and find the request id of the message in the log of harbor-core.',
  transient: true,
})

export const harborStrange = defineError({
  code: 'SW-HARBOR-ANSWER',
  fault: 'remote',
  title: 'The answer is not one of Harbor’s.',
  causes: [
    'The address is not Harbor’s, or a proxy or login page answers in its place.',
    'Harbor is much older or newer than 2.12 to 2.15.',
  ],
  fix: 'Open the address of the message in a browser: `/api/v2.0/ping` answers `Pong`.',
})

export const harborRobotUnusable = defineError({
  code: 'SW-HARBOR-ROBOT-UNUSABLE',
  fault: 'remote',
  title: 'A robot that was made just now may not do what it was made for.',
  causes: [
    'The project was made less than a minute ago: Harbor refuses tokens for a while.',
    'A hook or a person changed the robot at once.',
  ],
  fix: 'Run again. The robot was deleted, and the one before it is still in use.',
  transient: true,
})

export const harborRobotBusy = defineError({
  code: 'SW-HARBOR-ROBOT-BUSY',
  fault: 'remote',
  exit: 5,
  title: 'Others rotate the same robot at the same time.',
  causes: ['Several pipelines rotate it, without a group that lets one run at a time.'],
  fix: 'Let one pipeline rotate the robot, one run at a time; then run again.',
})

export const harborRobotSelf = defineError({
  code: 'SW-HARBOR-ROBOT-SELF',
  fault: 'input',
  title: 'A robot is to rotate itself.',
  causes: ['The account of the run is a robot that the file names, and would be disabled midway.'],
  fix: 'Rotate by another account: a user, or a robot with the preset `rotate` and the rights of those that it rotates.',
})

/** What whoever talks to Harbor may meet, besides the errors of HTTP. */
export const harborErrors = [
  ...[harborLogin, harborDenied, harborMissing, harborConflict, harborQuota, harborReadOnly, harborImmutable, harborPolicy],
  ...[harborRefused, harborBroken, harborStrange],
] as const

/** What looking beforehand may find. */
export const harborPreflightErrors = [...harborErrors, harborProjectMissing, harborPreflight, harborScanner] as const

/** The same for a scan. */
export const harborScanErrors = [
  ...harborErrors,
  ...[harborScanner, harborUnsupported, harborScanFailed, harborScanStopped, harborScanLate, harborDatabaseStale],
] as const

/** The same for the rotation of a robot. */
export const harborRotationErrors = [harborRobotUnusable, harborRobotBusy, harborRobotSelf] as const
