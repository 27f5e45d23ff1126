import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { packagesErrors } from '../../domain/packages/errors.ts'
import { compressedLimit, compressedMalformed, tarLimit, tarMalformed, tarUnsupported } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { choice, digest, image, integer, path } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { sbomUnscannable } from './errors.ts'

export const task = defineTask({
  name: 'sbom',
  summary: 'List what an image is made of, for each platform, from the layers of its OCI layout: CycloneDX 1.6.',
  reads: ['subject'],
  writes: ['sboms'],
  inputs: {
    layout: path({ from: 'subject.layout', summary: 'The OCI layout that holds the image.' }),
    digest: digest({ from: 'subject.digest', summary: 'Digest of the image in the layout, or of an index with all its platforms.' }),
    image: image({
      optional: true,
      reference: 'repository',
      summary: 'What the image is called in the SBOM: registry/repository, where it will be pushed to.',
      example: 'harbor.example.com/team/app',
    }),
    folder: path({ default: '.slipway/sbom', summary: 'Where to write the SBOMs, relative to the workspace: a file per platform.' }),
    unscannable: choice(['fail', 'warn'], {
      default: 'fail',
      summary: 'What to do when something that may hold packages cannot be read. warn: it is named in the SBOM and in the log.',
    }),
    sourceDateEpoch: integer({
      optional: true,
      summary: 'Time of the SBOM in seconds since 1970. Default: the variable SOURCE_DATE_EPOCH, else when the image was made.',
    }),
  },
  outputs: {
    sbom: out.path({ summary: 'The SBOM, relative to the workspace; of several platforms the file SHA256SUMS that lists them.' }),
    sbomDigest: out.digest({ summary: 'Digest of that file.' }),
    packages: out.integer({ summary: 'Number of packages, each counted once over all platforms.' }),
  },
  errors: [
    sbomUnscannable,
    ...packagesErrors,
    tarMalformed,
    tarUnsupported,
    tarLimit,
    compressedMalformed,
    compressedLimit,
    ...registryErrors,
  ],
  environment: ['SOURCE_DATE_EPOCH', ...registryEnvironment],
  hosts: {
    github: { icon: 'list', color: 'blue' },
    tekton: { resources: { cpu: '250m', memory: '256Mi', memoryLimit: '1Gi' } },
  },
})
