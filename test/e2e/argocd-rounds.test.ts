/** A hundred races between an Argo CD that syncs by itself, others who sync as well, and us: what we say is what is so, each time. */
import { expect, it } from '@jest/globals'
import { at, look, must } from '../argocd/ask.ts'
import { application, configMap } from '../argocd/manifests.ts'
import { realStage } from '../argocd/real-stage.ts'
import { syncProcess } from '../argocd/task-process.ts'

const [applications, rounds] = [20, 5]

it(`${applications} applications, ${rounds} rounds: no false result`, async () => {
  await using stage = realStage(process.env)
  const { server, ci: token } = stage
  const repository = stage.repository({ 'app/settings.json': configMap('settings', { v: '0' }) })
  const label = stage.name('rounds')
  const names = Array.from({ length: applications }, (_, index) => stage.name(`round-${index}`))
  for (const [index, name] of names.entries()) {
    // Every other one is synced by hand: there, others race us with a sync of the same branch.
    const automated = index % 2 === 0 ? { automated: {} } : {}
    const body = application(name, { repoURL: repository.url, namespace: name, labels: { rounds: label }, ...automated })
    await must(stage.ask('/applications', { method: 'POST', body }))
  }
  for (let round = 1; round <= rounds; round++) {
    const revision = repository.commit({ 'app/settings.json': configMap('settings', { v: String(round) }) })
    // Three times each: others who never stop would leave no moment in which it could settle.
    const rivals = names.map(async (name) => {
      for (let time = 0; time < 3; time++) {
        await stage.ask(`/applications/${name}/sync`, { method: 'POST', body: { name } })
        await stage.wait(300 + Math.random() * 1500)
      }
    })
    const outcome = await syncProcess({ server, token, selector: `rounds=${label}`, revision, timeout: '5m', settle: '1s' })
    // Asked at once: it must be so then.
    const seen = await Promise.all(names.map((name) => look(stage, name)))
    await Promise.all(rivals)
    expect(outcome).toMatchObject({ exit: 0 })
    expect(['deployed', 'unchanged']).toContain(outcome.result)
    expect(outcome.log).not.toMatch(/auto-sync currently set/)
    expect(seen.map((app) => at(app, 'status', 'sync', 'revision'))).toEqual(names.map(() => revision))
    expect(seen.map((app) => at(app, 'status', 'health', 'status'))).toEqual(names.map(() => 'Healthy'))
  }
}, 1_800_000)
