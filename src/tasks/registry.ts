// Generated from the folders of src/tasks by `npm run emit`. Do not edit.
import type { Task } from '../spec/execute.ts'
import { task as argocdSync } from './argocd-sync/task.ts'
import { task as attest } from './attest/task.ts'
import { task as build } from './build/task.ts'
import { task as gitopsUpdate } from './gitops-update/task.ts'
import { task as harborProject } from './harbor-project/task.ts'
import { task as preflight } from './preflight/task.ts'
import { task as promote } from './promote/task.ts'
import { task as push } from './push/task.ts'
import { task as report } from './report/task.ts'
import { task as sbom } from './sbom/task.ts'
import { task as scan } from './scan/task.ts'
import { task as sign } from './sign/task.ts'
import { task as source } from './source/task.ts'
import { task as tag } from './tag/task.ts'
import { task as test } from './test/task.ts'
import { task as verify } from './verify/task.ts'

/** Every task, in the order of their names. */
export const tasks: readonly Task[] = [
  { definition: argocdSync, load: () => import('./argocd-sync/run.ts').then(({ run }) => run) },
  { definition: attest, load: () => import('./attest/run.ts').then(({ run }) => run) },
  { definition: build, load: () => import('./build/run.ts').then(({ run }) => run) },
  { definition: gitopsUpdate, load: () => import('./gitops-update/run.ts').then(({ run }) => run) },
  { definition: harborProject, load: () => import('./harbor-project/run.ts').then(({ run }) => run) },
  { definition: preflight, load: () => import('./preflight/run.ts').then(({ run }) => run) },
  { definition: promote, load: () => import('./promote/run.ts').then(({ run }) => run) },
  { definition: push, load: () => import('./push/run.ts').then(({ run }) => run) },
  { definition: report, load: () => import('./report/run.ts').then(({ run }) => run) },
  { definition: sbom, load: () => import('./sbom/run.ts').then(({ run }) => run) },
  { definition: scan, load: () => import('./scan/run.ts').then(({ run }) => run) },
  { definition: sign, load: () => import('./sign/run.ts').then(({ run }) => run) },
  { definition: source, load: () => import('./source/run.ts').then(({ run }) => run) },
  { definition: tag, load: () => import('./tag/run.ts').then(({ run }) => run) },
  { definition: test, load: () => import('./test/run.ts').then(({ run }) => run) },
  { definition: verify, load: () => import('./verify/run.ts').then(({ run }) => run) },
]
