import { gateRefused } from '../../domain/gate/errors.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors, tagInvalid } from '../../domain/oci/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, digest, image, list } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { tagUnnamed, tagUnverified } from './errors.ts'

export const task = defineTask({
  name: 'tag',
  summary: 'Move tags to an image that its registry has, when everything else has succeeded: signed, attested, verified.',
  reads: ['subject', 'pushes', 'findings', 'signatures', 'attestations', 'verifications'],
  writes: ['tags'],
  inputs: {
    image: image({
      optional: true,
      reference: 'repository',
      summary: 'Whose tags: registry/repository. Without it: wherever push has sent the image of the record.',
      example: 'harbor.example.com/team/app',
    }),
    digest: digest({ from: 'subject.digest', summary: 'What they shall point to.' }),
    tags: list({
      default: [],
      summary: 'Tags to move. Without them: those that `push` was given with `tags-last`.',
      example: '1.4.0, latest',
    }),
    requireVerified: boolean({
      default: false,
      summary:
        'Move no tag unless the record has a verification of this image that passed. Without it one that was refused keeps them, and none at all does not.',
    }),
    requireGate: boolean({
      default: false,
      summary:
        'Move no tag unless the record has a verdict of `scan` on this digest that passed. Without it one that was refused keeps them, and none at all does not.',
    }),
    ...accountInputs,
  },
  outputs: {
    digest: out.digest({ summary: 'What the tags point to now.' }),
    tags: out.integer({ summary: 'Number of tags that point to it, in all repositories.' }),
  },
  rules: [{ requires: ['password', 'username'] }, { requires: ['username', 'password'] }],
  permissions: { github: { packages: 'write' } },
  errors: [tagUnnamed, tagUnverified, gateRefused, tagInvalid, ...registryErrors],
  environment: registryEnvironment,
  hosts: {
    github: { icon: 'tag', color: 'blue' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' } },
  },
})
