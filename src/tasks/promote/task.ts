import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors, signaturesDiffer, tagInvalid } from '../../domain/oci/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, bytes, digest, image, list, secret, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { promoteUnnamed, promoteUnverified } from './errors.ts'

export const task = defineTask({
  name: 'promote',
  summary: 'Copy an image between repositories by digest, with its signatures and SBOMs, read it back, and move the tags last.',
  reads: ['subject', 'verifications'],
  writes: ['promotions'],
  inputs: {
    from: image({
      required: true,
      summary:
        'What to promote: registry/repository with a tag, which is looked up once, or a digest. Without either, `digest` says which.',
      example: 'harbor.example.com/staging/app:1.4.0',
    }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of what to promote. It counts only where `from` has neither tag nor digest.',
    }),
    to: image({
      required: true,
      reference: 'repository',
      summary: 'Where to: registry/repository, without a tag. It may be at the same registry or another.',
      example: 'harbor.example.com/prod/app',
    }),
    tags: list({
      default: [],
      summary: 'Tags to move to the digest there, after everything was copied and read back.',
      example: '1.4.0, stable',
    }),
    referrers: boolean({
      default: true,
      summary:
        'Copy what refers to the image and to each of its platforms as well: signatures, attestations, SBOMs, also under tags of cosign.',
    }),
    requireVerified: boolean({
      default: false,
      summary: 'Copy only what `verify` found good before, in this workspace: the record must say so of this very digest.',
    }),
    verifiedPolicy: digest({
      optional: true,
      summary: 'Digest of the policy that `verify` must have used, its output `policy`. It implies `require-verified`.',
    }),
    username: text({
      optional: true,
      summary:
        'User or robot account at the registry of `to`. Without it credentials come from DOCKER_AUTH_CONFIG, or from the configuration files of Docker and podman with their credential helpers.',
    }),
    password: secret({ optional: true, summary: 'Password or token of that account.' }),
    fromUsername: text({
      optional: true,
      summary: 'User or robot account at the registry of `from`. Without it, at the same registry the account of `to`, else as there.',
    }),
    fromPassword: secret({ optional: true, summary: 'Password or token of that account.' }),
    plainHttp: boolean({
      default: false,
      summary: 'Use plain HTTP, without TLS, for the registry of `to`. A registry on loopback does not need it.',
    }),
    fromPlainHttp: boolean({ default: false, summary: 'The same for the registry of `from`, where it is another.' }),
    chunkSize: bytes({
      optional: true,
      summary:
        'Send each blob in requests of at most this size, for a registry of `to` behind a proxy that limits them (Cloudflare: 100 MB). Unset: each blob in one request, which is faster. Not for Amazon ECR, which keeps the first chunk only.',
      example: '50MiB',
    }),
  },
  outputs: {
    image: out.image({ summary: 'The image where it is now: registry/repository@digest.' }),
    images: out.images({
      summary:
        'The image and, of an index, the image of each platform: registry/repository@digest, separated by commas. Only the image itself where that is longer than 1 KiB.',
    }),
    digest: out.digest({ summary: 'Digest of the image, the same as before.' }),
    referrers: out.integer({ summary: 'Number of signatures, attestations and SBOMs that are there with it.' }),
  },
  rules: [
    { requires: ['password', 'username'] },
    { requires: ['username', 'password'] },
    { requires: ['fromPassword', 'fromUsername'] },
    { requires: ['fromUsername', 'fromPassword'] },
  ],
  permissions: { github: { packages: 'write' } },
  errors: [promoteUnnamed, promoteUnverified, tagInvalid, signaturesDiffer, ...registryErrors],
  environment: registryEnvironment,
  hosts: {
    github: { icon: 'fast-forward', color: 'blue' },
    tekton: { resources: { cpu: '200m', memory: '256Mi', memoryLimit: '1Gi' } },
  },
})
