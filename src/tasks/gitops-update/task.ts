import { forgeErrors } from '../../domain/forge/errors.ts'
import { gateRefused } from '../../domain/gate/errors.ts'
import { sourceErrors } from '../../domain/git/errors.ts'
import { gitopsErrors } from '../../domain/gitops/errors.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors, tagInvalid } from '../../domain/oci/errors.ts'
import { publicKeyEnvironment } from '../../domain/sigstore/keys/environment.ts'
import { publicKeyErrors } from '../../domain/sigstore/keys/errors.ts'
import { serviceErrors } from '../../domain/sigstore/services/errors.ts'
import { signerServices } from '../../domain/sigstore/sign/signer-inputs.ts'
import { tufErrors } from '../../domain/sigstore/trust/tuf/errors.ts'
import { policyEmpty, policyInvalid, trustRootInvalid } from '../../domain/sigstore/verify/errors.ts'
import { diskFull, fileMissing, fileTooLarge, fileUnreadable, fileUnwritable } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, duration, image, integer, list, path, secret, text, url } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { gitopsTagElsewhere, gitopsUnnamed, gitopsUntrusted, gitopsUnverified } from './errors.ts'

const { identityToken, signingConfig, fulcioUrl, rekorUrl } = signerServices
const signingServices = { identityToken, signingConfig, fulcioUrl, rekorUrl }

export const task = defineTask({
  name: 'gitops-update',
  summary:
    'Write the new image into files of a Git repository: at places named by their meaning, nothing else changed, pushed again when others are faster.',
  reads: ['subject', 'pushes', 'tags', 'findings', 'verifications'],
  writes: ['gitops'],
  inputs: {
    repository: text({
      required: true,
      summary: 'Address of the repository with the manifests: https, http, ssh, file:///path or user@host:path. Without credentials.',
      example: 'https://github.com/acme/deploy.git',
    }),
    branch: text({ optional: true, summary: 'Branch to commit to. Default: the one that the repository’s HEAD is on.', example: 'main' }),
    mode: choice(['push', 'pull-request', 'api'], {
      default: 'push',
      summary:
        'push: a commit on the branch. pull-request: one pull request for these targets, kept up to date in place. api: a commit on the branch that the forge makes itself, which signs it on GitHub, on the head that was read.',
    }),
    targets: list({
      required: true,
      split: 'lines',
      summary:
        'Where the image is named, a line each: kustomize FILE NAME; helm FILE PATH; manifest FILE KIND/[NAMESPACE/]NAME/CONTAINER; pointer FILE /PATH [PART]; marker FILE [PART] LINE WITH {image}. PART is reference, version, repository, tag or digest.',
      example: 'helm apps/web/values.yaml image',
    }),
    image: image({
      optional: true,
      reference: 'repository',
      summary: 'registry/repository of the image. Default: where push has sent it.',
      example: 'harbor.example.com/team/app',
    }),
    digest: digest({ from: 'subject.digest', summary: 'Digest of the image: what will run.' }),
    tag: text({
      optional: true,
      summary:
        'Tag to write beside the digest, for people. It must lead to the digest at the registry. Default: the first tag that push or tag has moved.',
      example: '1.4.0',
    }),
    expectCurrent: text({
      optional: true,
      summary: 'What must stand where something changes: a tag, a digest or a part of either. Anything else is left as it is.',
      example: '1.3.0',
    }),
    order: integer({
      optional: true,
      min: 0,
      max: 999_999_999_999_999,
      summary: 'Number of this pipeline, which grows: what one with a higher number has written is never overwritten by one with a lower.',
      example: '1042',
    }),
    freezeFile: path({
      default: '.slipway-freeze',
      summary: 'File of the repository that forbids any change while it is there, so that what was rolled back by hand stays.',
    }),
    requireVerified: boolean({
      default: false,
      summary: 'Write only what `verify` found good before, in this workspace: the record must say so of this very digest.',
    }),
    verifiedPolicy: digest({
      optional: true,
      summary: 'Digest of the policy that `verify` must have used, its output `policy`. It implies `require-verified`.',
    }),
    requireGate: boolean({
      default: false,
      summary: 'Write only what a gate of `scan` has let pass; what one has refused is never written.',
    }),
    policy: path({
      optional: true,
      summary:
        'File with a policy of `verify`: the image is written only when it meets that, judged here from the registry alone, signatures, attestations and the verdict of a gate where the policy requires them.',
      example: 'verify.yaml',
    }),
    message: text({ optional: true, summary: 'First line of the commit, and title of the pull request. Default: Deploy NAME:TAG.' }),
    authorName: text({ default: 'Slipway', summary: 'Name of the author and committer.' }),
    authorEmail: text({ default: 'slipway@localhost', summary: 'Email address of the author and committer.' }),
    signingKey: secret({
      optional: true,
      summary:
        'Private key that signs the commit: SSH (OpenSSH format, no passphrase), which needs ssh-keygen, or OpenPGP in its armour, which needs gpg. `git verify-commit` takes both.',
    }),
    signingPassphrase: secret({ optional: true, summary: 'Passphrase of the OpenPGP key.' }),
    keyless: boolean({
      optional: true,
      summary:
        'Sign the commit by the identity of the run, as gitsign does: a certificate of ten minutes, and an entry in a Rekor of version 1 beside the signature.',
    }),
    ...signingServices,
    head: text({
      optional: true,
      summary: 'Branch of the pull request. Default: one for the branch and its targets, slipway/BRANCH/NAME-HASH.',
      example: 'deploy/web',
    }),
    labels: list({ default: [], summary: 'Labels of the pull request.', example: 'deploy, production' }),
    reviewers: list({
      default: [],
      summary: 'Who is asked for a review when the pull request is opened: user names, and teams as organisation/team.',
      example: 'ann, acme/platform',
    }),
    autoMerge: choice(['off', 'merge', 'squash', 'rebase'], {
      default: 'off',
      summary: 'Has the forge merge the pull request in this way when its checks and reviews allow it; at once where nothing is awaited.',
    }),
    forge: choice(['auto', 'github', 'gitlab', 'gitea'], {
      default: 'auto',
      summary: 'What serves the repository, for pull requests and the API; gitea is Forgejo too. auto: told by the name of the host.',
    }),
    forgeUrl: url({
      optional: true,
      summary: 'Address of its API, where that is not on the host of the repository.',
      example: 'https://github.example.com/api/v3',
    }),
    forgeToken: secret({ optional: true, summary: 'Token for the API. Default: `password`.' }),
    username: text({
      default: 'x-access-token',
      summary: 'User of the password at the Git server. GitHub, GitLab and Gitea take any name beside a token.',
    }),
    password: secret({
      optional: true,
      summary:
        'Password or token for https, sent to the origin of the repository, and to the API of its forge where `forge-token` is not set.',
    }),
    registryUsername: text({
      optional: true,
      summary: 'User or robot account at the registry, for looking up `tag`. Default as for `push`.',
    }),
    registryPassword: secret({ optional: true, summary: 'Password or token of that account.' }),
    plainHttp: boolean({ default: false, summary: 'Use plain HTTP for the registry. One on loopback does not need it.' }),
    timeout: duration({ default: 180_000, summary: 'How long others may be faster before this run gives up.', example: '5m' }),
  },
  outputs: {
    commit: out.hash({ summary: 'The commit that has the image: the new one, or the tip of the branch that had it already.' }),
    branch: out.text({ summary: 'The branch that it is on: that of the pull request, until it is merged.' }),
    changed: out.boolean({ summary: 'Whether something was written.' }),
    pullRequest: out.text({ summary: 'Page of the pull request; empty without one.' }),
  },
  rules: [
    { requires: ['registryUsername', 'registryPassword'] },
    { requires: ['registryPassword', 'registryUsername'] },
    { requires: ['signingPassphrase', 'signingKey'] },
    { conflicts: ['keyless', 'signingKey'] },
    { requires: ['fulcioUrl', 'rekorUrl'] },
    { conflicts: ['signingConfig', 'fulcioUrl'] },
    { conflicts: ['signingConfig', 'rekorUrl'] },
  ],
  permissions: { github: { contents: 'write', 'pull-requests': 'write', 'id-token': 'write' } },
  errors: [
    ...[gitopsUnnamed, gitopsTagElsewhere, gitopsUnverified, gitopsUntrusted, gateRefused],
    ...gitopsErrors,
    ...sourceErrors,
    ...forgeErrors,
    ...[policyEmpty, policyInvalid, trustRootInvalid, ...tufErrors, ...publicKeyErrors, ...serviceErrors, fileMissing],
    ...[tagInvalid, fileUnreadable, fileUnwritable, fileTooLarge, diskFull],
    ...registryErrors,
  ],
  environment: [
    'SSH_AUTH_SOCK',
    'GIT_SSH_COMMAND',
    ...registryEnvironment,
    'XDG_CACHE_HOME',
    'SIGSTORE_SIGNING_CONFIG',
    'SIGSTORE_TRUSTED_ROOT',
    ...publicKeyEnvironment,
  ],
  hosts: {
    github: { icon: 'git-commit', color: 'blue' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }, identity: true },
  },
})
