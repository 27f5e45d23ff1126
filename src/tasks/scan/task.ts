import { advisoryErrors } from '../../domain/advisories/errors.ts'
import { githubRunEnvironment } from '../../domain/codescanning/github-run.ts'
import { reportErrors } from '../../domain/findings/reports/errors.ts'
import { scannerErrors } from '../../domain/findings/scanners/errors.ts'
import { gateErrors } from '../../domain/gate/errors.ts'
import { harborScanErrors } from '../../domain/harbor/errors.ts'
import { accountInputs } from '../../domain/oci/auth/account-inputs.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { packagesErrors } from '../../domain/packages/errors.ts'
import { sbomErrors } from '../../domain/sbom/errors.ts'
import { publicKeyErrors } from '../../domain/sigstore/keys/errors.ts'
import { tufErrors } from '../../domain/sigstore/trust/tuf/errors.ts'
import { policyEmpty, policyInvalid, trustRootInvalid } from '../../domain/sigstore/verify/errors.ts'
import {
  compressedLimit,
  compressedMalformed,
  fileMissing,
  fileTooLarge,
  processNotFound,
  processNotStarted,
  tarLimit,
  tarMalformed,
  tarUnsupported,
  zipLimit,
  zipMalformed,
} from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, duration, image, list, path, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { scanNoDatabase, scanNothing, scanRefused, scanUpload } from './errors.ts'
import { keptEnvironment } from './kept-folder.ts'

const harborAccount = {
  ...accountInputs,
  username: text({
    optional: true,
    summary: 'User or robot account at that Harbor. Without it the login that `docker login` left (docs/guides/registries.md).',
  }),
} as const

export const task = defineTask({
  name: 'scan',
  summary:
    'Look up the packages of every platform of an image in advisories of OSV, with other scanners or in their reports, and let a gate decide by a policy whether it may go on: before anything is pushed.',
  reads: ['subject'],
  writes: ['findings'],
  behind: [{ input: 'source', has: 'harbor', section: 'pushes' }],
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
    database: text({
      optional: true,
      summary:
        'Advisories in the format of OSV: a folder with `<Ecosystem>/all.zip` or JSON files, or one such file; an address with `{ecosystem}` in it, to fetch archives; or the address of a service with the API of OSV, which is told names and versions of packages.',
      example: 'advisories',
    }),
    epss: text({
      optional: true,
      summary: 'Scores of EPSS, the CSV of FIRST, as it is or as gzip: a file or an address.',
      example: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
    }),
    kev: text({
      optional: true,
      summary: "CISA's catalogue of known exploited vulnerabilities, its JSON: a file or an address.",
      example: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
    }),
    source: list({
      default: [],
      summary:
        'Who is asked: osv, the advisories of `database`; trivy and grype, programs that are there; harbor, of an image that is in it. Default: osv, or nobody where there are only `reports`.',
      example: 'osv,trivy',
    }),
    reports: list({
      default: [],
      split: 'lines',
      summary: 'Reports that are there, as JSON of trivy, grype, osv-scanner, Harbor or another scan; what they found counts too.',
      example: 'trivy.json',
    }),
    reportSubject: choice(['stated', 'assumed'], {
      default: 'stated',
      summary: 'Whether a report has to name the image by a digest, or may leave it out; one of another image is always refused.',
    }),
    trivyProgram: path({ default: 'trivy', summary: 'The program trivy: a name on PATH, or a path.' }),
    trivyDigest: digest({ optional: true, summary: 'What the file of that program has to be; it is not started when it is another.' }),
    trivyCache: path({
      optional: true,
      summary: 'Folder with its database, as trivy fills it with `--download-db-only`. Default: TRIVY_CACHE_DIR, or its own.',
      example: '.cache/trivy',
    }),
    grypeProgram: path({ default: 'grype', summary: 'The program grype: a name on PATH, or a path.' }),
    grypeDigest: digest({ optional: true, summary: 'What the file of that program has to be; it is not started when it is another.' }),
    grypeCache: path({
      optional: true,
      summary: 'Folder with its database, as `grype db update` fills it. Default: GRYPE_DB_CACHE_DIR, or its own.',
      example: '.cache/grype/db',
    }),
    harborImage: image({
      optional: true,
      reference: 'repository',
      summary:
        'Where the image is in Harbor, for `source: harbor`: registry/project/repository. In a pipeline file, behind `push`: where that has sent it.',
      example: 'harbor.example.com/team/app',
    }),
    harborSboms: path({
      optional: true,
      summary:
        'Folder for the SBOMs that Harbor’s scanner makes of each platform, SPDX in JSON, which Harbor then lists with the image. The login needs `sbom:create`.',
      example: '.slipway/harbor-sboms',
    }),
    ...harborAccount,
    scannerTimeout: duration({
      default: 600_000,
      summary: 'How long trivy or grype may take for one platform, and Harbor for all.',
      example: '20m',
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
    newOnly: boolean({
      optional: true,
      summary:
        'Whether only what the baseline does not have fails, and what is known to be exploited. It counts before the same key of `policy`: for pull requests.',
    }),
    exceptions: list({
      default: [],
      split: 'lines',
      summary:
        'Files with findings that may stay for a while, YAML or JSON: each with a reason, an owner and the day on which it expires. Also .trivyignore, .trivyignore.yaml, .grype.yaml and osv-scanner.toml, known by their names.',
      example: 'exceptions.yaml',
    }),
    exceptionsExpire: text({
      optional: true,
      summary: 'Last day, YYYY-MM-DD, of entries of such other files that have none: without either an entry is refused.',
      example: '2027-03-31',
    }),
    vex: list({
      default: [],
      split: 'lines',
      summary: 'OpenVEX 0.2 documents: what they say is not affected or fixed does not count. Of all statements about the same the newest.',
      example: 'app.openvex.json',
    }),
    baseline: path({
      optional: true,
      summary: 'The output `report` of an earlier scan, of the base branch for one: what it has is known, all else is new.',
      example: 'base-report.json',
    }),
    baselineImage: image({
      optional: true,
      summary:
        'The same of an image, by tag or digest: what `attest` has attached to it, if it is signed by whom `baseline-policy` trusts.',
      example: 'harbor.example.com/team/app:1.3.0',
    }),
    baselinePolicy: path({
      optional: true,
      summary: 'File with the policy of `verify` that the image of the baseline has to meet.',
      example: 'verify.yaml',
    }),
    baselineMissing: choice(['fail', 'all'], {
      default: 'fail',
      summary:
        'What happens without a baseline that is asked for. all: every finding counts as new. One that is not trusted is always refused.',
    }),
    baseCandidates: list({
      default: [],
      summary:
        'Images that could be the base, with their registry: they are read there and looked up as well, and the table says how many findings each brings.',
      example: 'docker.io/library/node:24-slim',
    }),
    name: text({
      optional: true,
      summary: 'What the image is called in SARIF, without a tag: alerts are known again by it. Default: the repository of the sources.',
      example: 'team/app',
    }),
    upload: choice(['auto', 'true', 'false'], {
      default: 'auto',
      summary:
        'Whether the findings go to GitHub code scanning. auto: on GitHub, where the step has GITHUB_TOKEN. What comes of it never changes the verdict.',
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
    severities: out.text({
      summary: 'The counts as JSON, what a fixed version is known of apart from the rest: `vulnerabilities`, `unpatched_vulnerabilities`.',
    }),
    new: out.integer({
      summary: 'Number of findings that the baseline does not have and nothing excuses; all of them without a baseline.',
    }),
    known: out.integer({ summary: 'Number of findings that the baseline has.' }),
    policy: out.digest({ summary: 'Digest of the policy with its exceptions: what `verify` may require of the verdict.' }),
    databaseDate: out.text({
      summary:
        'How new the advisories are, RFC 3339: when the last one of the ecosystem that is behind for longest was changed, or when a service was asked.',
    }),
    report: out.file({ summary: 'All findings, excused ones too, with claims, places and the decision, as JSON.' }),
    vex: out.file({
      summary: 'What exceptions with `vex` state of the image, as OpenVEX 0.2.0, to attest with `openvex=`; empty where none does.',
    }),
    sarif: out.file({ summary: 'The findings as SARIF 2.1.0, a run per platform, the worst 5,000 of each; excused ones are suppressed.' }),
  },
  rules: [
    { requires: ['password', 'username'] },
    { requires: ['username', 'password'] },
    { requires: ['baseCandidates', 'database'] },
    { requires: ['harborSboms', 'source'] },
    { conflicts: ['policy', 'failOn'] },
    { conflicts: ['policy', 'fixableOnly'] },
    { conflicts: ['policy', 'maxDatabaseAge'] },
    { conflicts: ['baseline', 'baselineImage'] },
    { requires: ['baselineImage', 'baselinePolicy'] },
    { requires: ['baselinePolicy', 'baselineImage'] },
  ],
  errors: [
    scanRefused,
    scanNoDatabase,
    scanNothing,
    scanUpload,
    ...gateErrors,
    ...[policyEmpty, policyInvalid, trustRootInvalid],
    ...tufErrors,
    ...publicKeyErrors,
    ...advisoryErrors,
    ...reportErrors,
    ...scannerErrors,
    ...harborScanErrors.filter((kind) => !registryErrors.includes(kind)),
    ...[processNotFound, processNotStarted],
    ...packagesErrors,
    ...sbomErrors,
    ...[fileMissing, fileTooLarge, zipMalformed, zipLimit, tarMalformed, tarLimit, tarUnsupported, compressedMalformed, compressedLimit],
    ...registryErrors,
  ],
  permissions: { github: { 'security-events': 'write' } },
  environment: [
    ...new Set([
      ...[...registryEnvironment, ...githubRunEnvironment, ...keptEnvironment],
      ...['TRIVY_CACHE_DIR', 'GRYPE_DB_CACHE_DIR', 'XDG_CACHE_HOME', 'SIGSTORE_TRUSTED_ROOT'],
    ]),
  ],
  hosts: {
    github: { icon: 'search', color: 'orange' },
    tekton: {
      resources: { cpu: '500m', memory: '512Mi', memoryLimit: '2Gi' },
      testOutput: { verdict: 'verdict', warnings: ['critical', 'high', 'medium', 'low', 'unknown'] },
      scanOutput: 'severities',
      workspaces: [{ name: 'advisories', description: 'Advisories that are kept elsewhere: then `database` is /workspace/advisories.' }],
    },
  },
})
