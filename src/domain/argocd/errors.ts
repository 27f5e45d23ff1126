import { defineError } from '../../base/errors.ts'

export const argocdLogin = defineError({
  code: 'SW-ARGOCD-LOGIN',
  fault: 'environment',
  title: 'Argo CD does not take the credentials.',
  causes: [
    'The token is wrong, expired or revoked, or is of another Argo CD.',
    'The password is wrong, or the account is disabled or may not log in.',
    'Dex does not know the connector, or does not trust the issuer of the identity token.',
    'Argo CD’s signing key was changed: all tokens of before are void.',
  ],
  fix: 'Make a new token: `argocd account generate-token --account ci`; the account needs `apiKey` in argocd-cm.',
})

export const argocdDenied = defineError({
  code: 'SW-ARGOCD-DENIED',
  fault: 'environment',
  title: 'Argo CD does not show it: the account may not, or it does not exist.',
  causes: [
    'The account has no right to it in argocd-rbac-cm or in its project.',
    'The application does not exist: without its project Argo CD says the same for both.',
    'Argo CD could not read it from Kubernetes: it then says "permission denied", too.',
  ],
  fix: 'Give the project; then a missing application is told as such. See what the account may: `argocd account can-i get applications PROJECT/NAME`.',
})

export const argocdMissing = defineError({
  code: 'SW-ARGOCD-NOT-FOUND',
  fault: 'input',
  title: 'Argo CD has no such application in the project.',
  causes: [
    'The name is misspelt, or the application is not created yet, or was deleted or renamed by its ApplicationSet.',
    'It is in another project, or in another namespace than Argo CD’s own.',
    'The account may see the project’s applications, but not this one.',
  ],
  fix: 'Look for it: `argocd app list`. Give its project, and its namespace when it is not Argo CD’s own.',
})

export const argocdRefused = defineError({
  code: 'SW-ARGOCD-REFUSED',
  fault: 'remote',
  title: 'Argo CD refused a request.',
  causes: ['A value is not one that Argo CD takes, or the application is not in a state for it; the message quotes what it says.'],
  fix: 'Correct what the message names.',
})

export const argocdBroken = defineError({
  code: 'SW-ARGOCD-FAILED',
  fault: 'remote',
  title: 'Argo CD failed, or a part of it is down.',
  causes: [
    'The repo-server, Redis, the cluster or the git repository cannot be reached by Argo CD.',
    'A value is one that it cannot work with.',
  ],
  fix: 'Read the message, and the log of argocd-server at that time.',
  transient: true,
})

export const argocdStrange = defineError({
  code: 'SW-ARGOCD-ANSWER',
  fault: 'remote',
  title: 'The answer is not one of Argo CD’s API.',
  causes: [
    'The address lacks the path that Argo CD is served under (`--rootpath`), or has one too many.',
    'A proxy or login page answers in its place.',
    'Argo CD redirects http to https.',
  ],
  fix: 'Open `<server>/api/version` in a browser: it answers with a version.',
})

export const argocdSettings = defineError({
  code: 'SW-ARGOCD-SETTINGS',
  fault: 'input',
  title: 'A setting for Argo CD cannot be used.',
  causes: [
    'The server is no address with https, or has a user name, query or fragment.',
    'A header or a file is not what it should be.',
    'A way back (`rollback`) is asked for beside `observe` or `dry-run`.',
  ],
  fix: 'Give `server: https://argocd.example.com`, with the path that it is served under, if any.',
})

/** What whoever talks to Argo CD may meet, besides the errors of HTTP and of an identity token. */
export const argocdErrors = [
  ...[argocdLogin, argocdDenied, argocdMissing, argocdRefused, argocdBroken, argocdStrange, argocdSettings],
] as const
