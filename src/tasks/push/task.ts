import { gateRefused } from '../../domain/gate/errors.ts'
import { harborPreflightErrors } from '../../domain/harbor/errors.ts'
import { preflightInputs } from '../../domain/harbor/preflight-inputs.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors, tagInvalid } from '../../domain/oci/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, bytes, digest, image, list, path } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'push',
  summary: 'Copy an image from its OCI layout to a registry by digest, read it back, and move the tags last.',
  reads: ['subject', 'findings'],
  writes: ['pushes'],
  inputs: {
    image: image({
      required: true,
      reference: 'repository',
      summary: 'Where to push: registry/repository, without a tag. The registry must be named; nothing stands for docker.io.',
      example: 'harbor.example.com/team/app',
    }),
    layout: path({ from: 'subject.layout', summary: 'The OCI layout that holds the image.' }),
    digest: digest({
      from: 'subject.digest',
      summary: 'Digest of what to push from the layout: an image manifest, or an index with all its platforms.',
    }),
    tags: list({
      default: [],
      summary:
        'Tags to move to the digest, after everything it needs was pushed and read back. Default: of a chart its version, else none.',
      example: '1.4.0, latest',
    }),
    tagsLast: boolean({
      default: false,
      summary:
        'Move no tags now: `tag` does when everything else has succeeded. In a pipeline file with `sign` or `verify` it is so by itself.',
    }),
    ...accountInputs,
    ...preflightInputs,
    harborLabels: list({
      default: [],
      summary:
        'Labels that the image gets in Harbor, by name: of the project, else global ones; one that is neither is made in the project. Needs `artifact:read`, `label:list`, `artifact-label:create`, to make one `label:create`.',
      example: 'tested',
    }),
    chunkSize: bytes({
      optional: true,
      summary:
        'Send each blob in requests of at most this size, for a registry behind a proxy that limits them (Cloudflare: 100 MB). Unset: each blob in one request, which is faster. Not for Amazon ECR, which keeps the first chunk only.',
      example: '50MiB',
    }),
  },
  outputs: {
    image: out.image({ summary: 'The image as pushed: registry/repository@digest.' }),
    images: out.images({
      summary:
        'The image and, of an index, the image of each platform: registry/repository@digest, separated by commas. Only the image itself where that is longer than 1 KiB.',
    }),
    digest: out.digest({ summary: 'Digest of the image as pushed.' }),
  },
  rules: [{ requires: ['password', 'username'] }, { requires: ['username', 'password'] }],
  permissions: { github: { packages: 'write' } },
  errors: [...new Set([gateRefused, tagInvalid, ...harborPreflightErrors, ...registryErrors])],
  environment: registryEnvironment,
  hosts: {
    github: { icon: 'upload-cloud', color: 'blue' },
    tekton: { resources: { cpu: '200m', memory: '256Mi', memoryLimit: '1Gi' } },
  },
})
