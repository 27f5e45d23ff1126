import { defineError } from '../../base/errors.ts'

export const secretStoreUnknown = defineError({
  code: 'SW-SECRET-STORE-UNKNOWN',
  fault: 'input',
  title: 'It is not known how to reach the store of a secret.',
  causes: [
    'No token was given for it.',
    'The run is in no pod of the cluster, or its pod has no service account token, and no server was given.',
  ],
  fix: 'Give the token that the message names; for Kubernetes its server as well, or run in the cluster.',
})

export const secretStoreDenied = defineError({
  code: 'SW-SECRET-STORE-DENIED',
  fault: 'environment',
  title: 'The store of a secret does not let this account write it.',
  causes: [
    'The token may not write secrets: that of a GitHub workflow (GITHUB_TOKEN) never may.',
    'The service account lacks a Role with get, create and patch of secrets in the namespace.',
  ],
  fix: 'Give a token of a GitHub App or a fine-grained one with "Secrets: write", or a Role with get, create and patch of the secret.',
})

export const secretStoreMissing = defineError({
  code: 'SW-SECRET-STORE-NOT-FOUND',
  fault: 'input',
  title: 'The place that a secret is to be kept in does not exist.',
  causes: ['The namespace, repository, environment or organization is not there, or the token may not see it.'],
  fix: 'Make it, or correct its name.',
})

export const secretStoreRefused = defineError({
  code: 'SW-SECRET-STORE-REFUSED',
  fault: 'remote',
  title: 'The store of a secret refuses it.',
  causes: ['The secret is of another type, or immutable.', 'A webhook of the cluster rejects it.'],
  fix: 'Take another name for the secret, or delete the one that is there.',
})

export const secretStoreBusy = defineError({
  code: 'SW-SECRET-STORE-BUSY',
  fault: 'remote',
  exit: 5,
  title: 'Others write the same secret again and again.',
  causes: ['A controller puts it back to what it thinks it should be.'],
  fix: 'Take the secret from what the controller manages, or take another name.',
})

export const secretStoreLost = defineError({
  code: 'SW-SECRET-STORE-LOST',
  fault: 'remote',
  title: 'The store took a secret and does not have it.',
  causes: ['A controller or a webhook changed it back at once.', 'A proxy answers in the place of the store.'],
  fix: 'Find what changes the secret that the message names.',
})

/** What whoever hands a secret to a store may meet, besides the errors of HTTP and, for GitHub, those of forges. */
export const secretStoreErrors = [
  ...[secretStoreUnknown, secretStoreDenied, secretStoreMissing, secretStoreRefused, secretStoreBusy, secretStoreLost],
] as const
