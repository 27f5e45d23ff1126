// Applications of a real Argo CD by selector: calls of the API, time and processor time, ours beside the argocd CLI, each after a commit that
// changes all of them. Nearly all of the time is Argo CD's own, so that each row has a round of it and not many.

import { readFileSync } from 'node:fs'
import { at, must } from '../test/argocd/ask.ts'
import { application, configMap } from '../test/argocd/manifests.ts'
import { realStage } from '../test/argocd/real-stage.ts'
import type { Stage } from '../test/argocd/stage.ts'
import { syncProcess } from '../test/argocd/task-process.ts'
import { end, output } from '../test/real/program.ts'
import { startCountingProxy } from './argocd-calls.ts'
import { print } from './table.ts'

const count = 200
/** Applications that are made at a time. */
const batch = 20
/** What the lab starts Argo CD with: its own default. The lab's 5 s are for races, and have the controller compare all applications all the time. */
export const argocdSettings = { LAB_RECONCILE: '120s' } as const
const ticks = 100

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
  print(`\n**${count} applications of an Argo CD by selector, none of which syncs by itself**\n`)
  await row('the first sync, by argocd-sync', scene, scene.commit(), byOurs)
  await row('argocd app sync, app wait', scene, scene.commit(), byCli)
  const live = scene.commit()
  await row('argocd-sync', scene, live, byOurs)
  await row('argocd app wait, nothing to do', scene, live, waitByCli)
  await row('argocd-sync, nothing to do', scene, live, byOurs)
}

async function makeApplications(stage: Stage): Promise<Scene> {
  const [label, namespace] = [stage.name('bench'), stage.name('bench')]
  let value = 0
  const files = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, place) => [`apps/${place}/settings.json`, configMap(`settings-${place}`, { v: String(value) })]),
    )
  const repository = stage.repository(files())
  // Of those that make one namespace at the same time Argo CD fails some.
  await stage.createNamespace(namespace)
  for (let from = 0; from < count; from += batch) {
    await Promise.all(
      Array.from({ length: Math.min(batch, count - from) }, (_, place) => {
        const spec = { repoURL: repository.url, path: `apps/${from + place}`, namespace, labels: { bench: label } }
        return must(stage.ask('/applications', { method: 'POST', body: application(stage.name(`bench-${from + place}`), spec) }))
      }),
    )
    tell(`made ${Math.min(from + batch, count)} of ${count}`)
  }
  const commit = (): string => {
    value += 1
    return repository.commit(files())
  }
  return { stage, selector: `bench=${label}`, commit }
}

interface Run extends Scene {
  /** Through which it asks. */
  readonly server: string
  readonly revision: string
}

async function byOurs({ stage, selector, server, revision }: Run): Promise<string> {
  const { result, log } = await syncProcess({ server, token: stage.ci, selector, revision, settle: '2s', timeout: '10m' })
  if (result === '') throw new Error(log)
  return result
}

async function byCli(run: Run): Promise<string> {
  await output(['argocd', 'app', 'sync', '--selector', run.selector, '--async', ...flags(run)])
  return waitByCli(run)
}

async function waitByCli(run: Run): Promise<string> {
  const conditions = ['--sync', '--health', '--operation', '--timeout', '600']
  // It waits for one after the other, and on a busy machine not always long enough.
  const { status, stderr } = await end(['argocd', 'app', 'wait', '--selector', run.selector, ...conditions, ...flags(run)])
  return status === 0 ? 'exit 0' : `exit ${status}: ${stderr.trim().slice(-200)}`
}

function flags({ stage, server }: Run): readonly string[] {
  return ['--server', new URL(server).host, '--plaintext', '--grpc-web', '--auth-token', stage.admin]
}

/** Through a proxy that counts. */
async function row(title: string, scene: Scene, revision: string, run: (run: Run) => Promise<string>): Promise<void> {
  await using proxy = await startCountingProxy(process.env['ARGOCD_SERVER'] ?? '')
  using _progress = tellProgress(scene, title)
  const [begin, before] = [performance.now(), processorTime()]
  const result = await run({ ...scene, server: proxy.url, revision })
  const [seconds, processors] = [(performance.now() - begin) / 1000, processorTime() - before]
  const calls = [...proxy.calls].toSorted(([, one], [, other]) => other - one)
  const sum = calls.reduce((all, [, each]) => all + each, 0)
  const isLive = await liveAt(scene, revision)
  const cells = [
    title,
    `${sum} calls`,
    `${seconds.toFixed(1)} s`,
    `CPU ${processors.toFixed(1)} s`,
    result,
    `${isLive} of ${count} at the commit`,
  ]
  print(`| ${cells.join(' | ')} |`)
  for (const [route, each] of calls) tell(`  ${each} × ${route}`)
}

/** Seconds of the children that have ended. */
function processorTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  return fields.slice(13, 15).reduce((sum, value) => sum + value, 0) / ticks
}

async function liveAt({ stage, selector }: Scene, revision: string): Promise<number> {
  const items = at(await must(stage.ask(`/applications?selector=${encodeURIComponent(selector)}`)), 'items')
  if (!Array.isArray(items)) return 0
  return items.filter(({ status }) => status?.sync?.status === 'Synced' && status.sync.revision === revision).length
}

/** How far it is, each 20 s: one small list, directly. */
function tellProgress({ stage, selector }: Scene, title: string): Disposable {
  const fields = 'items.status.sync.status,items.operation.sync'
  const look = async (): Promise<void> => {
    const items = at(await must(stage.ask(`/applications?selector=${encodeURIComponent(selector)}&fields=${fields}`)), 'items')
    const synced = Array.isArray(items)
      ? items.filter((item) => at(item, 'status', 'sync', 'status') === 'Synced' && !at(item, 'operation'))
      : []
    tell(`${title}: ${synced.length} of ${count} synced`)
  }
  const timer = setInterval(() => void look().catch((error: unknown) => tell(String(error))), 20_000)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
