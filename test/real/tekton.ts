import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { runtimeImage } from '../../src/emit/image.ts'
import { imageUser, type KubeObject, type Namespace } from './cluster.ts'
import { repository } from './example.ts'

export interface StepEnd {
  readonly name: string
  readonly exitCode: number | undefined
  /** Why Tekton says that the container ended: `Completed`, `Error`, `Continued`, `TimeoutExceeded`, … */
  readonly reason: string | undefined
}

export interface TaskRunEnd {
  readonly name: string
  readonly succeeded: boolean
  readonly reason: string
  readonly message: string
  readonly results: Readonly<Record<string, unknown>>
  readonly steps: readonly StepEnd[]
  /** How the attempts before the last one ended. */
  readonly before: readonly { readonly reason: string; readonly message: string }[]
  readonly pod: string
  readonly log: string
}

export interface PipelineRunEnd {
  readonly name: string
  readonly succeeded: boolean
  readonly reason: string
  readonly message: string
  readonly results: Readonly<Record<string, unknown>>
  /** By the task's name in the pipeline; tasks that were never started are not here. */
  readonly tasks: Readonly<Record<string, TaskRunEnd>>
  readonly skipped: readonly string[]
}

export type Params = Readonly<Record<string, string | readonly string[]>>

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

interface Status {
  readonly conditions?: readonly Condition[]
}

interface TaskRun extends KubeObject {
  readonly status: Status & {
    readonly podName?: string
    readonly results?: readonly { readonly name: string; readonly value: unknown }[]
    readonly steps?: readonly {
      readonly name: string
      readonly terminationReason?: string
      readonly terminated?: { readonly exitCode: number; readonly reason: string }
    }[]
    readonly retriesStatus?: readonly Status[]
  }
}

interface PipelineRun extends KubeObject {
  readonly status: Status & {
    readonly results?: readonly { readonly name: string; readonly value: unknown }[]
    readonly skippedTasks?: readonly { readonly name: string }[]
  }
}

const api = 'tekton.dev/v1'

/** Volumes belong to the group of our images, as the documentation asks for. */
const fsGroup = { securityContext: { fsGroup: imageUser } }

/** The generated Tasks, StepActions and Pipelines, with the image that they are to run. */
export function generated(image: string): readonly unknown[] {
  return globSync('tekton/*/*.yaml', { cwd: repository })
    .toSorted()
    .map((path) => load(readFileSync(join(repository, path), 'utf8').replaceAll(runtimeImage, image)))
}

/** Parameters in the form that runs take them. */
export function params(values: Params): readonly unknown[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

export function claimed(name: string, claimName: string): unknown {
  return { name, persistentVolumeClaim: { claimName } }
}

/** Starts a TaskRun and returns its name. `spec` is over the one that every run has. */
export function startTask(namespace: Namespace, spec: Readonly<Record<string, unknown>>): Promise<string> {
  return namespace.make({ apiVersion: api, kind: 'TaskRun', metadata: { generateName: 'run-' }, spec: { podTemplate: fsGroup, ...spec } })
}

export function startPipeline(namespace: Namespace, spec: Readonly<Record<string, unknown>>): Promise<string> {
  const metadata = { generateName: 'road-' }
  return namespace.make({ apiVersion: api, kind: 'PipelineRun', metadata, spec: { taskRunTemplate: { podTemplate: fsGroup }, ...spec } })
}

export async function taskEnd(namespace: Namespace, name: string, seconds = 600): Promise<TaskRunEnd> {
  await namespace.wait(`taskrun/${name}`, 'jsonpath={.status.completionTime}', seconds)
  return taskRunEnd(namespace, await namespace.read<TaskRun>('taskrun', name))
}

/** A run that is cancelled has ended before its tasks have: their ends are waited for too. */
export async function pipelineEnd(namespace: Namespace, name: string, seconds = 600): Promise<PipelineRunEnd> {
  await namespace.wait(`pipelinerun/${name}`, 'jsonpath={.status.completionTime}', seconds)
  const run = await namespace.read<PipelineRun>('pipelinerun', name)
  const tasks = await namespace.list<TaskRun>('taskrun', `tekton.dev/pipelineRun=${name}`)
  const ends = await Promise.all(
    tasks.map(
      async (task) => [task.metadata.labels?.['tekton.dev/pipelineTask'] ?? '', await taskEnd(namespace, task.metadata.name)] as const,
    ),
  )
  keep(namespace, `${name}.json`, JSON.stringify(run, null, 2))
  return {
    name,
    ...verdict(run.status),
    results: valuesOf(run.status.results),
    tasks: Object.fromEntries(ends),
    skipped: (run.status.skippedTasks ?? []).map((task) => task.name),
  }
}

export async function runTask(namespace: Namespace, spec: Readonly<Record<string, unknown>>): Promise<TaskRunEnd> {
  return taskEnd(namespace, await startTask(namespace, spec))
}

export async function runPipeline(namespace: Namespace, spec: Readonly<Record<string, unknown>>): Promise<PipelineRunEnd> {
  return pipelineEnd(namespace, await startPipeline(namespace, spec))
}

async function taskRunEnd(namespace: Namespace, run: TaskRun): Promise<TaskRunEnd> {
  const { podName = '', results, steps = [], retriesStatus = [] } = run.status
  const log = podName === '' ? '' : await namespace.logs(podName)
  keep(namespace, `${run.metadata.name}.json`, JSON.stringify(run, null, 2))
  keep(namespace, `${run.metadata.name}.log`, log)
  return {
    name: run.metadata.name,
    ...verdict(run.status),
    results: valuesOf(results),
    steps: steps.map(({ name, terminated, terminationReason }) => ({ name, exitCode: terminated?.exitCode, reason: terminationReason })),
    before: retriesStatus.map((status) => verdict(status)),
    pod: podName,
    log,
  }
}

function verdict({ conditions = [] }: Status): Pick<TaskRunEnd, 'succeeded' | 'reason' | 'message'> {
  const { status, reason = '', message = '' } = conditions.find(({ type }) => type === 'Succeeded') ?? {}
  return { succeeded: status === 'True', reason, message }
}

function valuesOf(results: readonly { readonly name: string; readonly value: unknown }[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(results.map(({ name, value }) => [name, value]))
}

/** What the cluster forgets when the namespace goes stays in `.cache/results/e2e-logs`. */
function keep(namespace: Namespace, name: string, text: string): void {
  const folder = join(repository, '.cache', 'results', 'e2e-logs', namespace.name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}
