import type { Repository } from '../../src/domain/git/fixtures/repository.ts'
import { at, look, must } from './ask.ts'
import { type Application, application, configMap, pod, podStatus } from './manifests.ts'
import type { Stage } from './stage.ts'

/** What a run of argocd-sync came to. */
export interface Outcome {
  /** The output `result`. */
  readonly result: string
  readonly exit: number
  /** What it said. */
  readonly log: string
}

/** Inputs of argocd-sync but server and token, which the stage knows; by their names in public. */
export type Inputs = Readonly<Record<string, string>>

export interface Scene extends Stage {
  /** Runs argocd-sync to its end; `cancel` is what a host does to it on SIGTERM. */
  sync(inputs: Inputs, cancel?: AbortSignal): Promise<Outcome>
  /** Runs the argocd CLI; undefined on a fake. */
  cli(argv: readonly string[]): Promise<{ readonly status: number | null; readonly stdout: string } | undefined>
}

/** A race of research §1.4, or a fault, and what must come of it. */
export interface Race {
  readonly name: string
  /** The output `result`. */
  readonly expected: string
  /** Whether the run fails. Default: yes, but for deployed, unchanged and superseded. */
  readonly fails?: boolean
  /** Others may be done before a process of ours has begun: `unchanged` in place of `deployed` is as right then. */
  readonly isRaced?: boolean
  /** Freezes or restarts what all scenes share. */
  readonly isAlone?: boolean
  play(scene: Scene): Promise<Outcome>
}

/** An application with its repository, as a scene begins with it. */
export interface Deployed {
  readonly name: string
  readonly namespace: string
  readonly repository: Repository
  head(): string
  /** Commits the next version of its settings and returns the hash. */
  next(files?: Readonly<Record<string, string | undefined>>): string
}

let versions = 1

/** Makes an application and does not sync it. */
export async function create(
  scene: Stage,
  title: string,
  { files = {}, ...given }: { files?: Readonly<Record<string, string>> } & Partial<Application> = {},
): Promise<Deployed> {
  const repository = scene.repository({ 'app/settings.json': configMap('settings', { v: '1' }), ...files })
  const [name, namespace] = [scene.name(title), scene.name(title)]
  await must(scene.ask('/applications', { method: 'POST', body: application(name, { repoURL: repository.url, namespace, ...given }) }))
  return {
    ...{ name, namespace, repository },
    head: () => repository.git('rev-parse', 'HEAD'),
    next: (more = {}) => repository.commit({ 'app/settings.json': configMap('settings', { v: String(++versions) }), ...more }),
  }
}

/** Makes an application that is synced and healthy at its first commit. */
export async function deploy(scene: Stage, title: string, given: Parameters<typeof create>[2] = {}): Promise<Deployed> {
  const app = await create(scene, title, given)
  await must(scene.ask(`/applications/${app.name}?refresh=normal`))
  if (given.automated === undefined) await startSync(scene, app)
  await hasEnded(scene, app.name)
  if (Object.keys(given.files ?? {}).includes('app/web.json')) await scene.setStatus(webOf(app), podStatus.healthy)
  await come(scene, app.name, isGood)
  return app
}

/** A sync by somebody else. */
export function startSync(scene: Stage, { name }: { name: string }, body: object = {}): Promise<unknown> {
  return must(scene.ask(`/applications/${name}/sync`, { method: 'POST', body: { name, ...body } }))
}

export const withPod = { files: { 'app/web.json': pod('web', '1') } } as const

export function webOf({ namespace }: { namespace: string }): { kind: string; namespace: string; name: string } {
  return { kind: 'pod', namespace, name: 'web' }
}

export const isGood = (app: unknown): boolean =>
  at(app, 'status', 'sync', 'status') === 'Synced' &&
  at(app, 'status', 'health', 'status') === 'Healthy' &&
  at(app, 'operation') === undefined

/** Waits until an application is as it should be; asks every 100 ms. */
export async function come(scene: Stage, name: string, isSo: (app: unknown) => boolean): Promise<void> {
  for (let round = 0; round < 3000; round++) {
    if (isSo(await look(scene, name))) return
    await scene.wait(100)
  }
  throw new Error(`${name} does not come to it: ${JSON.stringify(await look(scene, name))}`)
}

export function hasEnded(scene: Stage, name: string): Promise<void> {
  return come(scene, name, (app) => at(app, 'operation') === undefined && at(app, 'status', 'operationState', 'finishedAt') !== undefined)
}

/** A hook of the operation runs, and it will as long as the scene wants. */
export function isHeld(scene: Stage, name: string): Promise<void> {
  return come(scene, name, (app) => /waiting for completion of hook/.test(String(at(app, 'status', 'operationState', 'message'))))
}

/** An operation for this revision has succeeded. */
export function hasSynced(scene: Stage, name: string, revision: string): Promise<void> {
  return come(scene, name, (app) => {
    const state = at(app, 'status', 'operationState')
    return at(state, 'syncResult', 'revision') === revision && at(state, 'phase') === 'Succeeded'
  })
}
