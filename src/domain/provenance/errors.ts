import { defineError } from '../../base/errors.ts'

export const provenanceUnknown = defineError({
  code: 'SW-PROVENANCE-UNKNOWN',
  fault: 'environment',
  title: 'Who built the image cannot be told from the identity of the run.',
  causes: [
    'The identity token is not one of a GitHub workflow, or lacks claims that provenance needs.',
    'The certificate that signs names another workflow, commit or run than the token.',
  ],
  fix: 'On GitHub: permissions: id-token: write, and no identity-token of another run. Elsewhere leave provenance out of `predicates`.',
})
