import { gateRefused, scanReportInvalid } from '../../domain/gate/errors.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { provenanceUnknown } from '../../domain/provenance/errors.ts'
import { attestErrors } from '../../domain/sigstore/attest/errors.ts'
import { keyEnvironment } from '../../domain/sigstore/keys/environment.ts'
import { keyErrors } from '../../domain/sigstore/keys/errors.ts'
import { serviceErrors } from '../../domain/sigstore/services/errors.ts'
import { signUnpinned } from '../../domain/sigstore/sign/errors.ts'
import { formatChoices } from '../../domain/sigstore/sign/format-choices.ts'
import { signerKey, signerRules, signerServices } from '../../domain/sigstore/sign/signer-inputs.ts'
import { tufErrors } from '../../domain/sigstore/trust/tuf/errors.ts'
import { fileKind, fileMissing, fileTooLarge, fileUnreadable } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, bytes, choice, digest, image, list } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { attestNothing } from './errors.ts'

export const task = defineTask({
  name: 'attest',
  summary:
    'Attest to an image at its registry how it was built, what is in it and what was found: provenance, SBOMs, test results and verdicts as in-toto statements, signed.',
  reads: ['subject', 'pushes', 'source', 'tests', 'sboms', 'findings'],
  writes: ['attestations'],
  inputs: {
    image: image({
      optional: true,
      summary:
        'What to attest to: registry/repository, with a digest where there is no build in the record. A tag is not looked up. Without it: wherever push has sent the image of the record.',
      example: 'harbor.example.com/team/app',
    }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of what to attest to. It counts only where `image` has none.',
    }),
    predicates: list({
      default: ['auto'],
      summary:
        'What of this run to attest: provenance, sbom, test-result, scan (the verdict of its gate and what it found); or none. auto: provenance, and of the others what the record has; nothing of an image that the gate refused.',
      example: 'provenance, test-result',
    }),
    files: list({
      default: [],
      split: 'lines',
      summary:
        'Predicates in files, each as type=path: cyclonedx, spdxjson, sbom (either), vuln, vulns, openvex, test-result, svr, vsa, slsaprovenance1, or a predicate type of your own as URI.',
      example: 'cyclonedx=sbom.cdx.json',
    }),
    ...signerKey,
    format: choice(formatChoices, {
      default: 'auto',
      summary:
        'bundle: as cosign from version 3, a referrer of the image. legacy: the tag sha256-….att, for verifiers that know only that. auto: bundle, and both at a Harbor that does not say that it is 2.15 or newer.',
    }),
    ...signerServices,
    large: choice(['reference', 'refuse'], {
      default: 'reference',
      summary:
        'What becomes of a predicate beyond `log-limit` (Rekor 1) or 11 MiB (verifiers). reference: it is kept beside the image, and the signed statement names its digest. refuse: an error.',
    }),
    logLimit: bytes({
      default: 1_500_000,
      summary: 'Largest predicate that is sent to Rekor 1, which takes statements whole. Rekor 2 takes hashes and has no limit.',
    }),
    recursive: boolean({ default: false, summary: 'Attest to each platform of an index too, and not to the index alone.' }),
    ...accountInputs,
  },
  outputs: {
    attested: out.integer({ summary: 'Number of attestations that are there now.' }),
    types: out.text({ summary: 'Their predicate types, each once, separated by blanks.' }),
    signer: out.text({ summary: 'Who signed: the identity of the certificate, or the key by the beginning of its hint.' }),
    digests: out.file({
      summary: 'The attestations, a line each: predicate type, registry/repository@digest of the image, digest of the attestation.',
    }),
  },
  rules: [{ requires: ['password', 'username'] }, { requires: ['username', 'password'] }, ...signerRules],
  permissions: { github: { packages: 'write', 'id-token': 'write' } },
  errors: [
    attestNothing,
    provenanceUnknown,
    gateRefused,
    scanReportInvalid,
    ...attestErrors,
    signUnpinned,
    fileMissing,
    fileTooLarge,
    fileKind,
    fileUnreadable,
    ...keyErrors,
    ...serviceErrors,
    ...tufErrors,
    ...registryErrors,
  ],
  environment: [...registryEnvironment, ...keyEnvironment, 'SIGSTORE_SIGNING_CONFIG', 'XDG_CACHE_HOME', 'SLIPWAY_HOST', 'GITHUB_ACTIONS'],
  hosts: {
    github: { icon: 'file-text', color: 'purple' },
    tekton: { resources: { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' }, identity: true },
  },
})
