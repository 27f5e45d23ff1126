import { harborPreflightErrors } from '../../domain/harbor/errors.ts'
import { preflightInputs } from '../../domain/harbor/preflight-inputs.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors, tagInvalid } from '../../domain/oci/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, duration, image, list } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'preflight',
  summary:
    'Ask a Harbor, before anything is built, whether what is to be pushed there could be: login, rights, project, quota, immutable tags, scanner.',
  reads: [],
  writes: [],
  precedes: 'pushes',
  inputs: {
    image: image({
      required: true,
      reference: 'repository',
      summary: 'Where will be pushed: registry/repository. A registry that is no Harbor is not asked.',
      example: 'harbor.example.com/team/app',
    }),
    tags: list({ default: [], summary: 'Tags that will be set: one that is there and immutable is told.', example: '1.4.0, latest' }),
    ...accountInputs,
    ...preflightInputs,
    scan: boolean({ default: false, summary: 'Whether the scanner of the Harbor will be asked, so that there has to be one.' }),
    expiry: duration({ default: 7 * 86_400_000, summary: 'Warn of a robot that expires within this time.', example: '14d' }),
  },
  outputs: {
    verdict: out.text({
      summary:
        'pass: nothing is amiss. unknown: nothing, but not all could be seen. fail: Harbor would refuse. none: it is no Harbor, or was not asked.',
    }),
    report: out.file({ summary: 'Every check with its verdict, JSON; empty where nothing was asked.' }),
  },
  rules: [{ requires: ['password', 'username'] }, { requires: ['username', 'password'] }],
  errors: [...new Set([tagInvalid, ...harborPreflightErrors, ...registryErrors])],
  environment: registryEnvironment,
  hosts: {
    github: { icon: 'check-square', color: 'blue' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' } },
  },
})
