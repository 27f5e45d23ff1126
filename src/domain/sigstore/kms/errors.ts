import { defineError } from '../../../base/errors.ts'

export const kmsUnset = defineError({
  code: 'SW-KMS-UNSET',
  fault: 'environment',
  title: 'It is not said how to reach the key service, or who this run is to it.',
  causes: [
    'VAULT_ADDR, or the region of an AWS key, is not set.',
    'No token, role or identity of this run is there for the service.',
    'The reference names a host that is not the service’s own, and no variable allows it.',
  ],
  fix: 'Set the variable that the message names; docs/guides/keys.md has them for each service.',
})

export const kmsUnavailable = defineError({
  code: 'SW-KMS-UNAVAILABLE',
  fault: 'remote',
  transient: true,
  title: 'The key service could not be reached in time.',
  causes: ['It has an outage, is sealed, or limits the rate.', 'A firewall or proxy is between it and this machine.'],
  fix: 'Run it again when the service is back: `slipway resume`. Nothing was signed with it meanwhile.',
})

export const kmsDenied = defineError({
  code: 'SW-KMS-DENIED',
  fault: 'environment',
  title: 'The key service does not let this run use the key.',
  causes: [
    'The role, policy or grant lacks the permission that the message names.',
    'The token or session has expired.',
    'The key is in another account, project, vault or namespace.',
  ],
  fix: 'Give this run’s identity the permission that the message names, on this key alone; docs/guides/keys.md has them for each service.',
})

export const kmsKeyMissing = defineError({
  code: 'SW-KMS-KEY-MISSING',
  fault: 'input',
  title: 'The key service has no such key, or no such version of it.',
  causes: ['The name, alias, version or region is misspelt.', 'The key was deleted, or the version trimmed.'],
  fix: 'List the keys there, and correct `key`.',
})

export const kmsKeyDisabled = defineError({
  code: 'SW-KMS-KEY-DISABLED',
  fault: 'environment',
  title: 'The key is there, and is not in use now.',
  causes: ['It was disabled, or is to be deleted.', 'It is not valid yet, or no longer.'],
  fix: 'Enable it at the key service, or give another key or version.',
})

export const kmsKeyUnsuitable = defineError({
  code: 'SW-KMS-KEY-UNSUITABLE',
  fault: 'input',
  title: 'The key cannot make signatures that sigstore’s verifiers take.',
  causes: [
    'It is for encryption, or of another curve than P-256, P-384 and P-521.',
    'It is bound to RSA-PSS, or to another digest than its kind has in sigstore.',
    'The .sig tag wants SHA-256, which a P-384 or P-521 key of a cloud does not sign.',
  ],
  fix: 'Make an asymmetric signing key of P-256 (or RSA with PKCS #1 v1.5 and SHA-256); with P-384 and P-521 use format: bundle.',
})

export const kmsAnswerInvalid = defineError({
  code: 'SW-KMS-ANSWER',
  fault: 'remote',
  transient: true,
  title: 'What the key service answered is not what was asked for.',
  causes: [
    'The signature is not of the public key that the service gave: the alias was moved meanwhile, or a byte was changed on the way.',
    'A proxy or login page answers in its place.',
    'The service is not of the kind that the reference says.',
  ],
  fix: 'Run it again; if it stays, check the address of the service and what is between.',
})

/** What a task may meet that uses keys in key services. */
export const kmsErrors = [kmsUnset, kmsUnavailable, kmsDenied, kmsKeyMissing, kmsKeyDisabled, kmsKeyUnsuitable, kmsAnswerInvalid] as const
