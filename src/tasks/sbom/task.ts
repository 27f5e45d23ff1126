import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { packagesErrors } from '../../domain/packages/errors.ts'
import { sbomErrors } from '../../domain/sbom/errors.ts'
import {
  compressedLimit,
  compressedMalformed,
  fileKind,
  fileMissing,
  fileName,
  fileTooLarge,
  fileUnreadable,
  tarLimit,
  tarMalformed,
  tarUnsupported,
} from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { choice, digest, image, integer, list, path, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { sbomNothing, sbomRefused, sbomSubject, sbomUnscannable } from './errors.ts'

export const task = defineTask({
  name: 'sbom',
  summary:
    'List what an image is made of, for each platform, from the layers of its OCI layout, or what a source tree needs: CycloneDX and SPDX, held against what authorities ask for.',
  reads: ['subject'],
  writes: ['sboms'],
  inputs: {
    layout: path({ from: 'subject.layout', optional: true, summary: 'The OCI layout that holds the image.' }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of the image in the layout, or of an index with all its platforms.',
    }),
    source: path({
      optional: true,
      summary: 'Folder of a source tree to list in place of the image: what its lock files say, nothing is run. It is not recorded.',
      example: '.',
    }),
    from: path({
      optional: true,
      summary:
        'SBOM of another program to take in place of our own, CycloneDX or SPDX in JSON: it is recorded as it is, or written again in `format`. Where it names an image, it has to be this one.',
      example: 'syft.spdx.json',
    }),
    format: list({
      default: [],
      summary: 'What to write: cyclonedx-1.6 where nothing is said, cyclonedx-1.7, spdx-2.3; a file for each.',
      example: 'cyclonedx-1.6, spdx-2.3',
    }),
    check: list({
      default: [],
      summary: 'What to hold the SBOMs against, field by field: cisa-2026, bsi-2.1.',
      example: 'cisa-2026',
    }),
    checkOnFail: choice(['fail', 'warn'], {
      default: 'fail',
      summary: 'What to do when a required field is missing. warn: the report and the log say so.',
    }),
    author: text({
      optional: true,
      summary:
        'Who answers for the SBOM, with an address. Default: the label org.opencontainers.image.vendor, else the owner of the repository.',
      example: 'Acme Ltd <sbom@acme.example>',
    }),
    image: image({
      optional: true,
      reference: 'repository',
      summary: 'What the image is called in the SBOM: registry/repository, where it will be pushed to.',
      example: 'harbor.example.com/team/app',
    }),
    folder: path({
      default: '.slipway/sbom',
      summary: 'Where to write the SBOMs, relative to the workspace: a file per platform and format.',
    }),
    unscannable: choice(['fail', 'warn'], {
      default: 'fail',
      summary: 'What to do when something that may hold packages cannot be read. warn: it is named in the SBOM and in the log.',
    }),
    sourceDateEpoch: integer({
      optional: true,
      summary:
        'Time of the SBOM in seconds since 1970. Default: the variable SOURCE_DATE_EPOCH, else when the image was made, and for sources now.',
    }),
  },
  outputs: {
    sbom: out.path({ summary: 'The SBOM, relative to the workspace; of several the file SHA256SUMS that lists them.' }),
    sbomDigest: out.digest({ summary: 'Digest of that file.' }),
    packages: out.integer({ summary: 'Number of packages, each counted once over all platforms.' }),
    verdict: out.text({ summary: '`pass` or `fail` by the profiles of `check`; empty where nothing was checked.' }),
    report: out.file({ summary: 'How each file does by each profile, field by field, as JSON.' }),
  },
  rules: [{ conflicts: ['from', 'source'] }],
  errors: [
    sbomUnscannable,
    sbomNothing,
    sbomSubject,
    sbomRefused,
    ...sbomErrors,
    ...packagesErrors,
    tarMalformed,
    tarUnsupported,
    tarLimit,
    compressedMalformed,
    compressedLimit,
    ...[fileMissing, fileTooLarge, fileKind, fileUnreadable, fileName],
    ...registryErrors,
  ],
  environment: ['SOURCE_DATE_EPOCH', ...registryEnvironment],
  hosts: {
    github: { icon: 'list', color: 'blue' },
    tekton: { resources: { cpu: '250m', memory: '256Mi', memoryLimit: '1Gi' } },
  },
})
