import { argocdErrors } from '../../domain/argocd/errors.ts'
import { argocdSyncErrors } from '../../domain/argocd/errors-sync.ts'
import { githubRunEnvironment } from '../../domain/codescanning/github-run.ts'
import { deploymentUnrecorded } from '../../domain/deployments/errors.ts'
import { sourceErrors } from '../../domain/git/errors.ts'
import { fileMissing, fileTooLarge, fileUnreadable } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, duration, integer, list, map, path, secret, text, url } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'argocd-sync',
  summary: 'Sync applications of Argo CD, or watch them sync by themselves, until the revision is proven to be live, healthy and settled.',
  reads: ['gitops'],
  writes: ['deployment'],
  inputs: {
    server: text({
      required: true,
      summary: 'Address of Argo CD, with the path that it is served under.',
      example: 'https://argocd.example.com',
    }),
    apps: list({ optional: true, summary: 'Applications by name; namespace/name outside Argo CD’s own namespace.', example: 'web,api' }),
    selector: text({ optional: true, summary: 'Applications by their labels, as kubectl has it.', example: 'team=web,tier!=test' }),
    projects: list({
      default: [],
      summary: 'Projects that they are in. With one a missing application is told from one that the account may not see.',
    }),
    appNamespace: text({ optional: true, summary: 'Namespace of the applications. Default: that of Argo CD.' }),
    revision: text({
      from: 'gitops.commit',
      optional: true,
      summary: 'What is to be live: the full hash of a commit, or the version of a chart. Default: what gitops-update has written.',
      example: '0123456789abcdef0123456789abcdef01234567',
    }),
    revisions: map({
      optional: true,
      summary: 'For applications with several sources: revisions by name of the source, or its position from 1.',
      example: '2=0123456789abcdef0123456789abcdef01234567',
    }),
    repository: text({
      from: 'gitops.repository',
      optional: true,
      summary: 'Git repository of the revision: which sources it is for, and where git is asked whether a newer revision contains it.',
    }),
    gitUsername: text({ default: 'x-access-token', summary: 'User of the password at the Git server.' }),
    gitPassword: secret({ optional: true, summary: 'Password or token that reads the repository, sent to its origin only.' }),
    strict: boolean({ default: false, summary: 'Accept exactly the revision, and none that contains it.' }),
    observe: boolean({ default: false, summary: 'Start nothing: wait until others have synced it.' }),
    dryRun: boolean({ default: false, summary: 'Show what a sync to what Argo CD sees in git would change, and start nothing.' }),
    prune: boolean({ default: false, summary: 'Delete resources that git no longer has, in a sync that this run starts.' }),
    syncOptions: list({
      default: [],
      summary: 'Options of a sync that this run starts, in place of those of the application.',
      example: 'ServerSideApply=true',
    }),
    strategy: choice(['hook', 'apply'], { optional: true, summary: 'How it syncs: `apply` leaves out hooks. Default: with hooks.' }),
    force: boolean({ default: false, summary: 'Replace resources that cannot be changed; they are gone for a moment.' }),
    retry: integer({ optional: true, max: 100, summary: 'How often Argo CD tries a failed sync again, of one that this run starts.' }),
    rollback: integer({
      optional: true,
      summary: 'Go back to this id of the application’s history, in place of a revision; not beside `observe` or `dry-run`.',
    }),
    recurse: boolean({ default: false, summary: 'Follow the applications that an application contains as well, when it is as wanted.' }),
    allowSuspended: boolean({ default: false, summary: 'Take a paused rollout or a suspended job for healthy.' }),
    settle: duration({ default: 10_000, summary: 'How long it must stay healthy.' }),
    grace: duration({ default: 60_000, summary: 'How long it may be degraded, or not be compared, before that is a result.' }),
    timeout: duration({ default: 600_000, summary: 'How long to wait for all of it.', example: '20m' }),
    onTimeout: choice(['leave', 'terminate'], {
      default: 'leave',
      summary: 'What becomes of an operation that still runs then, if it is for this revision.',
    }),
    environment: text({
      optional: true,
      summary:
        'Environment that this deploys to: with it a deployment is recorded at GitHub, by digest and revision, and the commit marked.',
      example: 'production',
    }),
    environmentUrl: url({ optional: true, summary: 'Where the environment answers, for that record.', example: 'https://app.example.com' }),
    deployment: choice(['auto', 'required', 'off'], {
      default: 'auto',
      summary:
        'Whether that record must be written. auto: where the run is on GitHub, or has a token for it; what is missing is a warning.',
    }),
    githubToken: secret({ optional: true, summary: 'Token that may write deployments and commit statuses. Default: GITHUB_TOKEN.' }),
    token: secret({ optional: true, summary: 'Token of an account or of a project role.' }),
    tokenFile: path({ optional: true, summary: 'File with the token; read again when Argo CD refuses it.' }),
    username: text({ optional: true, summary: 'Account with a password.' }),
    password: secret({ optional: true, summary: 'Its password.' }),
    connector: text({
      optional: true,
      summary: 'Connector of Argo CD’s Dex that takes the identity token of this run: no secret is stored.',
      example: 'github-actions',
    }),
    audience: text({ optional: true, summary: 'Audience of that identity token. Default: the address of Argo CD.' }),
    headers: secret({ optional: true, summary: 'Headers for a proxy in front of it, name: value, a line each.' }),
    ca: path({ optional: true, summary: 'File with the authorities of its certificate, PEM.' }),
    certificate: path({ optional: true, summary: 'File with the certificate that a proxy asks for, PEM.' }),
    key: path({ optional: true, summary: 'File with the key of that certificate, PEM.' }),
  },
  outputs: {
    result: out.text({
      summary:
        'deployed, unchanged, superseded, sync-failed, degraded, blocked-window, prune-required, timeout, not-found-or-forbidden or unreachable; of several applications the worst.',
    }),
    revision: out.text({ summary: 'What is live, as far as it is proven; of several applications that of the first.' }),
    health: out.text({ summary: 'Healthy, Progressing, Degraded, Suspended, Missing or Unknown; of several applications the worst.' }),
    url: out.url({ summary: 'Where a person looks at the application, the first of several.' }),
  },
  rules: [
    { exactlyOneOf: ['apps', 'selector'] },
    { requires: ['username', 'password'] },
    { requires: ['password', 'username'] },
    { requires: ['certificate', 'key'] },
    { requires: ['key', 'certificate'] },
    { conflicts: ['rollback', 'selector'] },
  ],
  permissions: { github: { 'id-token': 'write', deployments: 'write', statuses: 'write' } },
  errors: [...argocdSyncErrors, ...argocdErrors, deploymentUnrecorded, ...sourceErrors, fileMissing, fileUnreadable, fileTooLarge],
  environment: ['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', ...githubRunEnvironment],
  hosts: {
    github: { icon: 'refresh-cw', color: 'orange' },
    tekton: { resources: { cpu: '50m', memory: '96Mi', memoryLimit: '512Mi' }, identity: true },
  },
})
