import { defineError } from '../../../base/errors.ts'

export const signingConfigInvalid = defineError({
  code: 'SW-SIGNING-CONFIG',
  fault: 'input',
  title: 'The services to sign with cannot be used as they are given.',
  causes: [
    'The file is no signing config of version 0.2, or no service in it is valid now.',
    'Rekor 2 gives no time: it needs a timestamp authority beside it.',
    'The .sig tag is to be signed without a key, which needs Rekor 1.',
  ],
  fix: 'Give signing-config, or fulcio-url, rekor-url and timestamp-url that belong together.',
})

export const identityRefused = defineError({
  code: 'SW-FULCIO-REFUSED',
  fault: 'environment',
  title: 'The certificate authority does not accept the identity token.',
  causes: [
    'The token is for another audience than sigstore, or has expired.',
    'The certificate authority does not know the issuer of the token: the public one knows GitHub, GitLab and the large clouds, no private cluster.',
  ],
  fix: 'On GitHub: permissions: id-token: write. In a cluster of your own: set fulcio-url to its Fulcio, or sign with a key.',
})

export const serviceRefused = defineError({
  code: 'SW-SIGSTORE-REFUSED',
  fault: 'remote',
  title: 'A service that vouches for signatures refuses, or its answer is not about what was asked.',
  causes: [
    'The service is of another version than the signing config says.',
    'It does not take keys of this kind.',
    'A proxy answers in its place.',
  ],
  fix: 'Check the address and version of the service that the message names; P-256 keys are taken everywhere.',
})

export const serviceUnavailable = defineError({
  code: 'SW-SIGSTORE-UNAVAILABLE',
  fault: 'remote',
  transient: true,
  title: 'A service that vouches for signatures could not be reached in time.',
  causes: ['The service has an outage, or limits the rate.', 'A firewall or proxy is between it and this machine.'],
  fix: 'Run it again when the service is back: `slipway resume`. The image stays where it was pushed; a signature that is attached already is whole, and is found again.',
})

export const logDuplicate = defineError({
  code: 'SW-LOG-DUPLICATE',
  fault: 'remote',
  title: 'The transparency log has this very signature already, and does not give its proof again.',
  causes: ['A proxy repeats what it is sent, so that each new signature is in the log before its answer is here.'],
  fix: 'Run it again; if it stays, ask the log without a proxy between, or use a log of version 1.',
})

/** What a task may meet that signs with services. */
export const serviceErrors = [signingConfigInvalid, identityRefused, serviceRefused, serviceUnavailable, logDuplicate] as const
