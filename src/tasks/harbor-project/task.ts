import { forgeErrors } from '../../domain/forge/errors.ts'
import { harborErrors, harborRotationErrors } from '../../domain/harbor/errors.ts'
import { harborProjectErrors } from '../../domain/harbor/project/errors.ts'
import { projectKinds, systemKinds } from '../../domain/harbor/project/kind.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { secretStoreEnvironment } from '../../domain/secretstore/environment.ts'
import { secretStoreErrors } from '../../domain/secretstore/errors.ts'
import { diskFull, fileMissing, fileTooLarge, fileUnreadable, fileUnwritable } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { choice, list, path, secret, text, url } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { harborProjectAccount, harborProjectDrift, harborProjectUnsaid } from './errors.ts'

export const task = defineTask({
  name: 'harbor-project',
  summary:
    'Projects of Harbor as one file says: plan the differences, apply them, check for drift, export what is there. What Harbor takes is read back.',
  reads: [],
  writes: [],
  inputs: {
    url: url({ required: true, summary: 'Address of Harbor, without a path.', example: 'https://harbor.example.com' }),
    mode: choice(['plan', 'apply', 'check', 'export', 'rotate'], {
      default: 'plan',
      summary:
        'plan tells what would change; apply changes it and reads it back; check fails by exit code 3 where something differs; export writes what is there as a file; rotate replaces robots that expire soon and hands their secrets over.',
    }),
    file: path({
      optional: true,
      summary: 'The file of projects (schemas/harbor-projects.schema.json): written by export, read by the other modes.',
      example: 'harbor.yaml',
    }),
    projects: list({
      optional: true,
      summary: 'Names of projects: for export those to write. For the other modes only these of the file. Default: all of the file.',
      example: 'shop, tools',
    }),
    prune: list({
      optional: true,
      summary: `Kinds of which Harbor is to have no more than the file names, where the file has the kind’s key: of ${[...projectKinds, ...systemKinds].filter((kind) => kind !== 'project').join(', ')}. Projects are never deleted.`,
      example: 'members, labels',
    }),
    secrets: secret({
      optional: true,
      summary: 'Secrets that the file names as { secret: NAME }: lines of NAME=value.',
    }),
    rotateNow: list({
      default: [],
      summary: 'Robots to replace whatever time they have left, as project/robot; or all. For mode rotate, and shown by plan.',
      example: 'shop/ci',
    }),
    username: text({
      optional: true,
      summary: 'A user or robot of Harbor. Default: the account that `docker login` left for its address.',
      example: 'robot$ci',
    }),
    password: secret({ optional: true, summary: 'Password or secret of that account.' }),
  },
  outputs: {
    changes: out.integer({ summary: 'Differences between the file and Harbor, or with apply the changes made.' }),
    plan: out.file({ summary: 'All settings with before and after, as JSON.' }),
    sarif: out.file({ summary: 'The differences as SARIF 2.1.0, each at its line of the file; after an apply that went well none.' }),
  },
  rules: [{ requires: ['username', 'password'] }, { requires: ['password', 'username'] }],
  errors: [
    ...[harborProjectDrift, harborProjectUnsaid, harborProjectAccount],
    ...harborProjectErrors,
    ...harborErrors,
    ...harborRotationErrors,
    ...secretStoreErrors,
    ...forgeErrors,
    ...[fileMissing, fileUnreadable, fileUnwritable, fileTooLarge, diskFull],
  ],
  environment: [...registryEnvironment, ...secretStoreEnvironment],
  hosts: {
    github: { icon: 'sliders', color: 'blue' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' } },
  },
})
