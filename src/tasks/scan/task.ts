import { advisoryErrors } from '../../domain/advisories/errors.ts'
import { gateErrors } from '../../domain/gate/errors.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { packagesErrors } from '../../domain/packages/errors.ts'
import { sbomErrors } from '../../domain/sbom/errors.ts'
import {
  compressedLimit,
  compressedMalformed,
  fileMissing,
  fileTooLarge,
  tarLimit,
  tarMalformed,
  tarUnsupported,
  zipLimit,
  zipMalformed,
} from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, duration, list, path, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { scanNoDatabase, scanNothing, scanRefused } from './errors.ts'

export const task = defineTask({
  name: 'scan',
  summary:
    'Look up the packages of every platform of an image in advisories of OSV, and let a gate decide by a policy whether it may go on: before anything is pushed.',
  reads: ['subject'],
  writes: ['findings'],
  inputs: {
    layout: path({ from: 'subject.layout', optional: true, summary: 'The OCI layout that holds the image. Not needed with `sbom`.' }),
    digest: digest({
      from: 'subject.digest',
      summary: 'Digest of what is scanned: an image, an index with all its platforms, or what the `sbom` is of.',
    }),
    sbom: list({
      default: [],
      split: 'lines',
      summary: 'SBOMs to scan in place of the image: CycloneDX or SPDX in JSON, by any generator that gives package URLs.',
      example: 'sbom.cdx.json',
    }),
    database: path({
      optional: true,
      summary: 'Folder with advisories in the format of OSV: `<Ecosystem>/all.zip`, JSON files, or both. Nothing is fetched.',
      example: 'advisories',
    }),
    policy: path({
      optional: true,
      summary: 'File with the policy of the gate, YAML or JSON, in place of the inputs below.',
      example: 'scan.yaml',
    }),
    failOn: choice(['critical', 'high', 'medium', 'low', 'none'], {
      optional: true,
      summary:
        'The lowest severity that fails, high where nothing is said; none: no finding does. What nobody has rated counts as the highest.',
    }),
    fixableOnly: boolean({ optional: true, summary: 'Whether only those findings fail that a known version is free of; else all do.' }),
    maxDatabaseAge: duration({
      optional: true,
      summary: 'How old the newest advisory may be; 7 days where nothing is said.',
      example: '24h',
    }),
    exceptions: path({
      optional: true,
      summary: 'File with findings that may stay for a while, YAML or JSON: each with a reason, an owner and the day on which it expires.',
      example: 'exceptions.yaml',
    }),
    name: text({
      default: 'image',
      summary: 'What the image is called in SARIF, without a tag: alerts are known again by it.',
      example: 'team/app',
    }),
  },
  outputs: {
    verdict: out.text({ summary: '`pass` or `fail`; empty when it could not be found out.' }),
    critical: out.integer({
      summary: 'Number of critical findings, each once for all platforms, without those that an exception excuses.',
    }),
    high: out.integer({ summary: 'Number of high ones.' }),
    medium: out.integer({ summary: 'Number of medium ones.' }),
    low: out.integer({ summary: 'Number of low ones.' }),
    unknown: out.integer({
      summary: 'Number of those that nobody has rated, and of versions of which it cannot be decided whether they are meant.',
    }),
    policy: out.digest({ summary: 'Digest of the policy with its exceptions: what `verify` may require of the verdict.' }),
    databaseDate: out.text({ summary: 'When the newest advisory was changed, RFC 3339.' }),
    report: out.file({ summary: 'All findings, excused ones too, with claims, places and the decision, as JSON.' }),
    sarif: out.file({ summary: 'The findings as SARIF 2.1.0, the worst 5,000.' }),
  },
  rules: [{ conflicts: ['policy', 'failOn'] }, { conflicts: ['policy', 'fixableOnly'] }, { conflicts: ['policy', 'maxDatabaseAge'] }],
  errors: [
    scanRefused,
    scanNoDatabase,
    scanNothing,
    ...gateErrors,
    ...advisoryErrors,
    ...packagesErrors,
    ...sbomErrors,
    ...[fileMissing, fileTooLarge, zipMalformed, zipLimit, tarMalformed, tarLimit, tarUnsupported, compressedMalformed, compressedLimit],
    ...registryErrors,
  ],
  environment: registryEnvironment,
  hosts: {
    github: { icon: 'search', color: 'orange' },
    tekton: {
      resources: { cpu: '500m', memory: '512Mi', memoryLimit: '2Gi' },
      workspaces: [{ name: 'advisories', description: 'Advisories that are kept elsewhere: then `database` is /workspace/advisories.' }],
    },
  },
})
