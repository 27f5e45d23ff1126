import { defineError } from '../../base/errors.ts'

export const credentialKeyless = defineError({
  code: 'SW-CREDENTIAL-KEYLESS',
  fault: 'environment',
  transient: true,
  title: 'A login by the identity of this run was tried, and the cloud, the registry or Vault did not give one.',
  causes: [
    'The role, service account, client or robot does not trust this workflow, branch or service account.',
    'On GitHub, the job lacks `permissions: id-token: write`.',
    'A variable or file that says who this run is is left over, incomplete or expired.',
  ],
  fix: 'Read the service’s own words in the message and compare with docs/guides/registries.md, or docs/guides/keys.md for a key; for a registry the inputs `username` and `password` do as well.',
})
