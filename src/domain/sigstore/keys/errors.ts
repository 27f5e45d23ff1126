import { defineError } from '../../../base/errors.ts'

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

export const keyExists = defineError({
  code: 'SW-KEY-EXISTS',
  fault: 'input',
  exit: 5,
  title: 'A file of the key pair to be made exists already.',
  causes: ['A pair was made here before. It is never overwritten: what it has signed could not be verified any more.'],
  fix: 'Give another --output, or move the old pair away.',
})

/** What a task may meet that signs or verifies with keys. */
export const keyErrors = [keyInvalid, keyPasswordWrong, keyMissing] as const
