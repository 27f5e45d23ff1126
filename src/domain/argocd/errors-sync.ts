import { defineError } from '../../base/errors.ts'

export const argocdRevision = defineError({
  code: 'SW-ARGOCD-REVISION',
  fault: 'input',
  title: 'It is not said which revision is to be live, or not so that it can be proven.',
  causes: [
    '`revision` is not set, and `gitops-update` has not run in this workspace.',
    'It is the commit of a pull request of `gitops-update`, which nobody has merged.',
    'It is a branch, a tag or a short hash: none of them says what is live.',
    'The application has several sources, and none is from the repository of the revision.',
  ],
  fix: 'Set `revision` to the full hash of the commit, or `revisions` to one for each source: 1=COMMIT.',
})

export const argocdNone = defineError({
  code: 'SW-ARGOCD-NONE',
  fault: 'input',
  title: 'No application was found.',
  causes: [
    'No application has these labels, or none in these projects.',
    'The account may see none of them: Argo CD leaves those out without a word.',
  ],
  fix: 'See what there is: argocd app list --selector LABELS',
})

export const argocdSyncFailed = defineError({
  code: 'SW-ARGOCD-SYNC-FAILED',
  fault: 'policy',
  title: 'The sync has failed.',
  causes: ['The cluster refuses a manifest, or a hook has failed.', 'The manifests cannot be made: a mistake in YAML, a chart or a patch.'],
  fix: 'Read what Argo CD says of each resource; commit what mends it.',
})

export const argocdDegraded = defineError({
  code: 'SW-ARGOCD-DEGRADED',
  fault: 'policy',
  title: 'The revision is live, and the application is degraded.',
  causes: ['Containers crash, or are never ready.', 'The image cannot be pulled.', 'A rollout has exceeded its deadline.'],
  fix: 'Read the events and logs of what is degraded; roll back by committing the image of before.',
})

export const argocdWindow = defineError({
  code: 'SW-ARGOCD-WINDOW',
  fault: 'policy',
  title: 'A sync window of the project forbids a sync now.',
  causes: ['A window of the kind deny is open, or none of the kind allow is.'],
  fix: 'Wait until the window is over, and run again; or let whoever owns the project change it.',
})

export const argocdPrune = defineError({
  code: 'SW-ARGOCD-PRUNE',
  fault: 'policy',
  title: 'Resources would have to be deleted, and nobody has allowed it.',
  causes: ['They are no longer in git, and neither the application nor this run prunes.'],
  fix: 'Set `prune: true` when they may go, or keep them with the annotation argocd.argoproj.io/sync-options: Prune=false.',
})

export const argocdSuperseded = defineError({
  code: 'SW-ARGOCD-SUPERSEDED',
  fault: 'policy',
  exit: 5,
  title: 'Another revision is in place of the one that was wanted.',
  causes: [
    'Another pipeline has committed since, and `strict` allows nothing but this revision.',
    'Somebody has synced it to another revision after this run had: that is not undone.',
  ],
  fix: 'Nothing to do where the other one is meant to be live; leave out `strict` to accept it.',
})

export const argocdTimeout = defineError({
  code: 'SW-ARGOCD-TIMEOUT',
  fault: 'remote',
  transient: true,
  exit: 6,
  title: 'The revision was not proven to be live and healthy in time.',
  causes: [
    'Argo CD has not seen the commit: its controller is down, or cannot reach the repository.',
    'A rollout or a hook takes longer.',
    'Nobody has started the sync.',
  ],
  fix: 'Read what it waited for; raise `timeout` when it only takes longer.',
})

export const argocdUnreachable = defineError({
  code: 'SW-ARGOCD-UNREACHABLE',
  fault: 'remote',
  transient: true,
  exit: 6,
  title: 'Argo CD could not be reached for too long to say what is live.',
  causes: ['Its API server, or what is in front of it, is down.', 'The network of this run does not lead there.'],
  fix: 'Run it again when it answers: what is live already is found so.',
})

/** The results of a sync that are no success, besides those of the connection. */
export const argocdSyncErrors = [
  ...[argocdRevision, argocdNone, argocdSyncFailed, argocdDegraded, argocdWindow, argocdPrune, argocdSuperseded, argocdTimeout],
  argocdUnreachable,
] as const
