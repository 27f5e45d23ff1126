import { gateRefused } from '../../domain/gate/errors.ts'
import { harborUnseen } from '../../domain/harbor/errors.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { keyEnvironment } from '../../domain/sigstore/keys/environment.ts'
import { keyErrors } from '../../domain/sigstore/keys/errors.ts'
import { snippetChoices } from '../../domain/sigstore/policy-snippets/choices.ts'
import { serviceErrors } from '../../domain/sigstore/services/errors.ts'
import { signUnpinned } from '../../domain/sigstore/sign/errors.ts'
import { formatChoices } from '../../domain/sigstore/sign/format-choices.ts'
import { signerKey, signerRules, signerServices } from '../../domain/sigstore/sign/signer-inputs.ts'
import { tufErrors } from '../../domain/sigstore/trust/tuf/errors.ts'
import { fileKind, fileMissing, fileTooLarge, fileUnreadable } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, image, map } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'sign',
  summary:
    'Sign an image at its registry, by the identity of the run or with a key, in the formats of cosign 2 and 3, each of its platforms too.',
  reads: ['subject', 'pushes', 'findings'],
  writes: ['signatures'],
  inputs: {
    image: image({
      optional: true,
      summary:
        'What to sign: registry/repository, with a digest where there is no build in the record. A tag is not looked up. Without it: wherever push has sent the image of the record.',
      example: 'harbor.example.com/team/app',
    }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of what to sign. It counts only where `image` has none.',
    }),
    ...signerKey,
    format: choice(formatChoices, {
      default: 'auto',
      summary:
        'bundle: as cosign from version 3, a referrer of the image. legacy: the tag sha256-….sig, for verifiers that know only that. auto: bundle, and both at a Harbor that does not say that it is 2.15 or newer.',
    }),
    annotations: map({
      default: {},
      summary:
        'Words that are signed with the image, in both formats; `cosign verify -a` and `annotations` of a policy of `verify` ask for them.',
      example: 'release=1.4.0',
    }),
    policies: choice(snippetChoices, {
      default: 'none',
      summary:
        'Print policies that admit exactly what was signed, by its format, signer and log: kyverno, policy-controller, containers (policy.json and registries.d of podman, CRI-O, skopeo), or all.',
    }),
    ...signerServices,
    recursive: boolean({
      default: true,
      summary: 'Sign each platform of an index too: registries and clusters ask for the signature of what they pull.',
    }),
    requireGate: boolean({
      default: false,
      summary:
        'Sign nothing unless the record has a verdict of `scan` on this digest that passed. Without it an image that was refused is not signed either, and one without a verdict is.',
    }),
    ...accountInputs,
  },
  outputs: {
    signed: out.integer({ summary: 'Number of manifests that have the signature now: the image, and the platforms of an index.' }),
    signer: out.text({ summary: 'Who signed: the identity of the certificate, or the key by the beginning of its hint.' }),
    publicKey: out.file({ summary: 'The public half of the key, to verify with; empty without a key.' }),
    policies: out.file({ summary: 'Policies for Kyverno and policy-controller, YAML for `kubectl apply`; empty unless `policies` asks.' }),
    containersPolicy: out.file({
      summary: 'policy.json for podman, CRI-O and skopeo; empty unless `policies` asks, and where they can check nothing.',
    }),
    containersRegistries: out.file({ summary: 'File for registries.d beside it, by which they look for signatures at the registry.' }),
    digests: out.file({ summary: 'What is signed, a line of registry/repository@digest for each.' }),
  },
  rules: [{ requires: ['password', 'username'] }, { requires: ['username', 'password'] }, ...signerRules],
  permissions: { github: { packages: 'write', 'id-token': 'write' } },
  errors: [
    signUnpinned,
    gateRefused,
    harborUnseen,
    fileMissing,
    fileTooLarge,
    fileKind,
    fileUnreadable,
    ...keyErrors,
    ...serviceErrors,
    ...tufErrors,
    ...registryErrors,
  ],
  environment: [...registryEnvironment, ...keyEnvironment, 'SIGSTORE_SIGNING_CONFIG', 'XDG_CACHE_HOME', 'SIGSTORE_TRUSTED_ROOT'],
  hosts: {
    github: { icon: 'pen-tool', color: 'purple' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }, identity: true },
  },
})
