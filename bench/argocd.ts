// Applications of a real Argo CD by selector: calls of the API and time, ours beside the argocd CLI, each after a commit that changes all of them.

import { must } from '../test/argocd/ask.ts'
import { application, configMap } from '../test/argocd/manifests.ts'
import { realStage } from '../test/argocd/real-stage.ts'
import { startRecorder } from '../test/argocd/recorder.ts'
import type { Stage } from '../test/argocd/stage.ts'
import { syncProcess } from '../test/argocd/task-process.ts'
import { output } from '../test/real/program.ts'
import { print } from './table.ts'

const count = 200
/** Applications that are made at a time. */
const batch = 20

interface Scene {
  readonly stage: Stage
  readonly selector: string
  /** Commits another value for every application, and says which commit that is. */
  commit(): string
}

/** Runs on the lab's Argo CD, which the environment names. */
export async function benchArgocd(): Promise<void> {
  await using stage = realStage(process.env)
  const scene = await makeApplications(stage)
  await byCli(scene, stage.server)
  print(`\n${count} applications of an Argo CD by selector, none of which syncs by itself\n`)
  await row('argocd app sync, app wait', scene, (server) => byCli(scene, server))
  await row('argocd-sync', scene, (server, revision) => byOurs(scene, server, revision))
  await row('argocd app wait, nothing to do', undefined, (server) => waitByCli(scene, server))
  const live = scene.commit()
  await byOurs(scene, stage.server, live)
  await row('argocd-sync, nothing to do', undefined, (server) => byOurs(scene, server, live))
}

async function makeApplications(stage: Stage): Promise<Scene> {
  const [label, namespace] = [stage.name('bench'), stage.name('bench')]
  let value = 0
  const files = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`apps/${at}/settings.json`, configMap(`settings-${at}`, { v: String(value) })]),
    )
  const repository = stage.repository(files())
  for (let from = 0; from < count; from += batch)
    await Promise.all(
      Array.from({ length: Math.min(batch, count - from) }, (_, at) => {
        const spec = { repoURL: repository.url, path: `apps/${from + at}`, namespace, labels: { bench: label } }
        return must(stage.ask('/applications', { method: 'POST', body: application(stage.name(`bench-${from + at}`), spec) }))
      }),
    )
  const commit = (): string => {
    value += 1
    return repository.commit(files())
  }
  return { stage, selector: `bench=${label}`, commit }
}

async function byOurs({ stage, selector }: Scene, server: string, revision: string): Promise<string> {
  const { result, log } = await syncProcess({ server, token: stage.ci, selector, revision, settle: '2s', timeout: '10m' })
  if (result === '') throw new Error(log)
  return result
}

async function byCli(scene: Scene, server: string): Promise<string> {
  await output(['argocd', 'app', 'sync', '--selector', scene.selector, '--async', ...flags(scene, server)])
  return waitByCli(scene, server)
}

async function waitByCli(scene: Scene, server: string): Promise<string> {
  const conditions = ['--sync', '--health', '--operation', '--timeout', '600']
  await output(['argocd', 'app', 'wait', '--selector', scene.selector, ...conditions, ...flags(scene, server)])
  return 'exit 0'
}

function flags({ stage }: Scene, server: string): readonly string[] {
  return ['--server', new URL(server).host, '--plaintext', '--grpc-web', '--auth-token', stage.admin]
}

/** Through a proxy that counts; `scene` commits before the time begins. */
async function row(title: string, scene: Scene | undefined, run: (server: string, revision: string) => Promise<string>): Promise<void> {
  await using recorder = await startRecorder(process.env['ARGOCD_SERVER'] ?? '')
  const revision = scene?.commit() ?? ''
  const begin = performance.now()
  const result = await run(recorder.url, revision)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  print(`${title.padEnd(32)}  ${String(recorder.calls()).padStart(5)} calls  ${seconds.padStart(6)} s  ${result}\n`)
}
