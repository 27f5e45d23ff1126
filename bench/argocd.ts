/**
 * Two hundred applications by selector: calls of the API and wall time, of argocd-sync and of the argocd CLI.
 *   eval "$(lab env DIR)"; PATH="$(lab path):$PATH" node bench/argocd.ts [NUMBER]
 */
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../test/argocd/ask.ts'
import { application, configMap } from '../test/argocd/manifests.ts'
import { realStage } from '../test/argocd/real-stage.ts'
import { startRecorder } from '../test/argocd/recorder.ts'
import { syncProcess } from '../test/argocd/task-process.ts'
import { end } from '../test/real/program.ts'

const number = Number(process.argv[2] ?? 200)
await using stage = realStage(process.env)
const label = stage.name('bench')
const repository = stage.repository({ 'app/settings.json': configMap('settings', { v: '0' }) })
const namespace = stage.name('bench')

for (let index = 0; index < number; index++) {
  const name = stage.name(`bench-${index}`)
  const files = application(name, { repoURL: repository.url, path: `apps/${index}`, namespace, labels: { bench: label } })
  repository.commit({ [`apps/${index}/settings.json`]: configMap(`settings-${index}`, { v: '0' }) })
  await must(stage.ask('/applications', { method: 'POST', body: files }))
}
await rowOf('argocd app sync + wait', async (server) => {
  const own = ['--server', new URL(server).host, '--plaintext', '--grpc-web', '--auth-token', stage.admin]
  const sync = await end(['argocd', 'app', 'sync', '--selector', `bench=${label}`, '--async', ...own])
  const waited = await end([
    'argocd',
    'app',
    'wait',
    '--selector',
    `bench=${label}`,
    '--sync',
    '--health',
    '--operation',
    '--timeout',
    '600',
    ...own,
  ])
  return `${sync.status}, ${waited.status}`
})
await rowOf('argocd-sync', async (server) => {
  const { result } = await syncProcess({
    server,
    token: stage.ci,
    selector: `bench=${label}`,
    revision: next(),
    settle: '2s',
    timeout: '10m',
  })
  return result
})
await rowOf('argocd-sync, nothing to do', async (server) => {
  const revision = repository.git('rev-parse', 'HEAD')
  const { result } = await syncProcess({ server, token: stage.ci, selector: `bench=${label}`, revision, settle: '2s', timeout: '10m' })
  return result
})

/** A commit that changes every application. */
function next(): string {
  const files = Array.from({ length: number }, (_, index) => [`apps/${index}/settings.json`, configMap(`settings-${index}`, { v: '1' })])
  return repository.commit(Object.fromEntries(files))
}

async function rowOf(title: string, run: (server: string) => Promise<string>): Promise<void> {
  await using recorder = await startRecorder(stage.server)
  const begin = performance.now()
  const result = await run(recorder.url)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  await wait(100)
  process.stdout.write(`${title}: ${number} applications, ${recorder.calls()} calls, ${seconds} s: ${result}\n`)
}
