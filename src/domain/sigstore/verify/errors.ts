import { defineError } from '../../../base/errors.ts'

export const trustRootInvalid = defineError({
  code: 'SW-TRUST-ROOT-INVALID',
  fault: 'input',
  title: 'A trusted root cannot be used.',
  causes: [
    'The file is another one: a signing config, a single certificate, a TUF root.',
    'A transparency log in it has no start of validity: it would vouch for any time.',
  ],
  fix: 'Make it with `cosign trusted-root create`, or take `trusted_root.json` from the TUF repository of your Sigstore.',
})

export const policyInvalid = defineError({
  code: 'SW-VERIFY-POLICY-INVALID',
  fault: 'input',
  title: 'The verification policy cannot be used.',
  causes: [
    'A field is misspelt, missing or of another kind.',
    'An identity is named without its issuer, or an issuer without an identity.',
  ],
  fix: 'Correct what the message names; schemas/verify-policy.schema.json describes the file.',
})

export const policyEmpty = defineError({
  code: 'SW-VERIFY-POLICY-EMPTY',
  fault: 'input',
  title: 'The verification policy names nobody who is trusted: everything would pass.',
  causes: ['No key, identity or policy file was given.', 'The variable that should hold it was empty.'],
  fix: 'Set `key`, or `identity` or `repository` with `issuer`, or `policy`.',
})
