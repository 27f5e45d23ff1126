import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { publicKeyEnvironment } from '../../domain/sigstore/keys/environment.ts'
import { publicKeyErrors } from '../../domain/sigstore/keys/errors.ts'
import { tufErrors } from '../../domain/sigstore/trust/tuf/errors.ts'
import { policyEmpty, policyInvalid, trustRootInvalid } from '../../domain/sigstore/verify/errors.ts'
import { fileMissing, fileTooLarge } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, duration, image, list, map, path, text, url } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { verifyRefused, verifyUnnamed } from './errors.ts'

export const task = defineTask({
  name: 'verify',
  summary:
    'Verify an image as a stranger would, from the registry alone: who signed it, what attests to it, and whether that is what the policy asks for.',
  reads: ['subject', 'pushes', 'signatures', 'attestations'],
  writes: ['verifications'],
  inputs: {
    image: image({
      optional: true,
      summary:
        'What to verify: registry/repository with a digest, or a tag, which is looked up once. Without either, `digest` says which; without `image`, where push has sent the image of the record.',
      example: 'harbor.example.com/team/app:1.4.0',
    }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of what to verify. It counts only where `image` has neither tag nor digest.',
    }),
    policy: path({ optional: true, summary: 'File with the policy, YAML or JSON, in place of the inputs below.', example: 'verify.yaml' }),
    asSigned: boolean({
      default: false,
      summary:
        'Where neither a policy nor a signer is given: trust exactly who signed in this run, by the release record, on the image and each platform that was signed, and want every attestation of the run. It shows that the registry has what was written, not that the right one wrote it.',
    }),
    key: list({
      default: [],
      summary:
        'Public keys to trust, any of them: a file, a folder with cosign.pub, env://COSIGN_PUBLIC_KEY, or one in a key service (hashivault://, awskms://, gcpkms://, azurekms://).',
      example: 'cosign.pub',
    }),
    identity: list({
      default: [],
      split: 'lines',
      summary: 'Identities of certificates to trust, any of them, each compared whole: never as a pattern.',
      example: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    }),
    identityRegexp: text({
      optional: true,
      summary:
        'The same as a regular expression for the whole identity, in a safe subset: no lookaround, no references. Prefer `repository` with `workflow` and `ref`.',
      example: 'https://github\\.com/acme/[\\w-]+/\\.github/workflows/release\\.yml@refs/tags/v[0-9.]+',
    }),
    issuer: text({
      optional: true,
      summary: 'Who vouches for the identity, compared whole.',
      example: 'https://token.actions.githubusercontent.com',
    }),
    repository: text({ optional: true, summary: 'Source repository that must have signed: owner/name, or its URI.', example: 'acme/app' }),
    workflow: text({
      optional: true,
      summary: 'Workflow that must have signed: its path in the source repository, or owner/name/path for a reusable one.',
      example: '.github/workflows/release.yml',
    }),
    ref: text({
      optional: true,
      summary: 'Branch or tag that must have signed: `*` stands for anything but a slash, `**` for anything, all else for itself.',
      example: 'refs/tags/v*',
    }),
    trigger: text({ optional: true, summary: 'Event that must have started the workflow.', example: 'push' }),
    runner: text({
      optional: true,
      summary: 'Class of runner that must have signed: github-hosted or self-hosted.',
      example: 'github-hosted',
    }),
    trustedRoot: list({
      default: [],
      summary:
        'Trusted roots, any of them: files (trusted_root.json of Sigstore), for which no socket is opened; sigstore:public, or sigstore:github for what private repositories sign, from their TUF repositories. Default: the variable SIGSTORE_TRUSTED_ROOT, else the repository at `tuf-url`, else for identities sigstore:public.',
      example: 'trusted_root.json',
    }),
    tufUrl: url({
      optional: true,
      summary: 'TUF repository of a Sigstore of your own, or a mirror, whose trusted root counts (sigstore:tuf).',
      example: 'https://tuf.example.com',
    }),
    tufRoot: path({ optional: true, summary: 'The root.json with which that repository is proven, of any version.' }),
    offline: boolean({
      default: false,
      summary:
        'Ask no TUF repository: what was kept of it counts, also when it has expired, and for sigstore:public else what is built in. A warning tells of its age.',
    }),
    log: choice(['always', 'keyless', 'never'], {
      optional: true,
      summary:
        'Which signatures must be in a transparency log: all, those with a certificate (keyless, the default), or none. One that is in a log must hold there in any case, where a trusted root is known.',
    }),
    require: list({
      default: [],
      summary:
        'Attestations that must be there, by a trusted signer: predicate types, or slsa-provenance, spdx, cyclonedx, vulnerabilities, test-result, vsa, svr, openvex, reference.',
      example: 'slsa-provenance, cyclonedx',
    }),
    builder: text({ optional: true, summary: 'Builder that SLSA provenance must name, compared whole. It requires the provenance.' }),
    source: text({
      optional: true,
      summary: 'Source repository that SLSA provenance must name, as a URI. It requires the provenance.',
      example: 'https://github.com/acme/app',
    }),
    maxAge: duration({
      optional: true,
      summary: 'Longest time since the signature; needs a time that a log or an authority vouches for.',
      example: '720h',
    }),
    annotations: map({
      default: {},
      summary: 'What must be signed with each signature, as by `cosign sign -a`; others may be there too.',
      example: 'release=1.4.0',
    }),
    dockerReference: image({
      optional: true,
      reference: 'repository',
      summary: 'registry/repository that the signature must name. Only signatures under `.sig` tags name one.',
      example: 'harbor.example.com/team/app',
    }),
    recursive: boolean({ default: false, summary: 'Verify each platform of an index as well: for clusters that check what a node pulls.' }),
    ...accountInputs,
  },
  outputs: {
    image: out.image({ summary: 'What was verified: registry/repository@digest.' }),
    digest: out.digest({ summary: 'Its digest.' }),
    verdict: out.text({ summary: '`pass` or `fail`; empty when it could not be found out.' }),
    signer: out.text({
      summary: 'Who signed, of those whom the policy trusts: an identity, or a key. Empty when the image does not pass.',
    }),
    policy: out.digest({ summary: 'Digest of the policy with its keys and roots: equal digests, equal decisions.' }),
    report: out.file({ summary: 'All that is attached to the image, with reasons, as JSON.' }),
  },
  rules: [
    { requires: ['tufUrl', 'tufRoot'] },
    { requires: ['tufRoot', 'tufUrl'] },
    { conflicts: ['policy', 'key'] },
    { conflicts: ['policy', 'identity'] },
    { conflicts: ['policy', 'issuer'] },
    { conflicts: ['policy', 'repository'] },
    { conflicts: ['policy', 'require'] },
    { conflicts: ['policy', 'log'] },
    { conflicts: ['policy', 'maxAge'] },
    { conflicts: ['policy', 'annotations'] },
    { conflicts: ['policy', 'dockerReference'] },
    { conflicts: ['policy', 'builder'] },
    { conflicts: ['policy', 'source'] },
    { requires: ['identity', 'issuer'] },
    { requires: ['identityRegexp', 'issuer'] },
    { conflicts: ['identityRegexp', 'identity'] },
    { conflicts: ['policy', 'identityRegexp'] },
    { requires: ['repository', 'issuer'] },
    { requires: ['workflow', 'issuer'] },
    { requires: ['ref', 'issuer'] },
    { requires: ['trigger', 'issuer'] },
    { requires: ['runner', 'issuer'] },
    { requires: ['password', 'username'] },
    { requires: ['username', 'password'] },
  ],
  permissions: { github: { packages: 'read' } },
  errors: [
    verifyRefused,
    verifyUnnamed,
    policyEmpty,
    policyInvalid,
    trustRootInvalid,
    ...tufErrors,
    ...publicKeyErrors,
    fileMissing,
    fileTooLarge,
    ...registryErrors,
  ],
  environment: [...registryEnvironment, 'XDG_CACHE_HOME', 'SIGSTORE_TRUSTED_ROOT', ...publicKeyEnvironment],
  hosts: {
    github: { icon: 'shield', color: 'green' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' } },
  },
})
