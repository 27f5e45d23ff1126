import { defineError } from '../../../base/errors.ts'
import { kmsErrors } from '../kms/errors.ts'

export const keyInvalid = defineError({
  code: 'SW-KEY-INVALID',
  fault: 'input',
  title: 'A signing key cannot be read.',
  causes: [
    'It is not PEM, or is cut: a secret that lost its line ends when it was pasted.',
    'It is the other half of the pair: cosign.key signs, cosign.pub verifies.',
    'It is of a kind that cosign does not know: other curves than P-256, P-384 and P-521, RSA below 2048 bits.',
  ],
  fix: 'Give the whole PEM text, from -----BEGIN to -----END; `slipway keys generate` makes a pair.',
})

export const keyPasswordWrong = defineError({
  code: 'SW-KEY-PASSWORD',
  fault: 'environment',
  title: 'The password does not open the signing key.',
  causes: ['The password belongs to another key.', 'COSIGN_PASSWORD is not set, or holds a line end too many.'],
  fix: 'Set the input key-password, or COSIGN_PASSWORD; an empty password is legal where the key was made with one.',
})

export const keyMissing = defineError({
  code: 'SW-KEY-MISSING',
  fault: 'input',
  title: 'There is no signing key where the reference points.',
  causes: [
    'The file is not there, or the secret is not mounted.',
    'The variable of env://NAME is not set, or may not be read by this task.',
  ],
  fix: 'Give a file, a folder with cosign.key, or env://COSIGN_PRIVATE_KEY with that variable set.',
})

export const keyReferenceInvalid = defineError({
  code: 'SW-KEY-REFERENCE',
  fault: 'input',
  title: 'A key reference is not of a form that is known here.',
  causes: [
    'The name of the key, its version or its host has a letter that the service does not allow there.',
    'It is a kind of reference that needs a native library (pkcs11:) or a cluster (k8s://).',
  ],
  fix: 'Write hashivault://, awskms://, gcpkms:// or azurekms:// as cosign does: docs/guides/keys.md; or give a file, a folder or env://NAME.',
})

export const keyExists = defineError({
  code: 'SW-KEY-EXISTS',
  fault: 'input',
  exit: 5,
  title: 'A file of the key pair to be made exists already.',
  causes: ['A pair was made here before. It is never overwritten: what it has signed could not be verified any more.'],
  fix: 'Give another --output, or move the old pair away.',
})

/** What a task may meet that reads public keys by reference. */
export const publicKeyErrors = [keyInvalid, keyMissing, keyReferenceInvalid, ...kmsErrors] as const

/** What a task may meet that signs with keys. */
export const keyErrors = [...publicKeyErrors, keyPasswordWrong] as const
