/** A container that a real kubelet starts again and again: what argocd-sync says of it, with the right to read logs and without. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { must } from '../../argocd/ask.ts'
import { application } from '../../argocd/manifests.ts'
import { realStage } from '../../argocd/real-stage.ts'
import type { Outcome } from '../../argocd/scene.ts'
import { syncProcess } from '../../argocd/task-process.ts'
import { Namespace } from '../../real/cluster.ts'

const { TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)
/** More lines than are told, the last but one of them a secret that this run does not know. */
const program = `for (let at = 1; at <= 39; at++) console.log('step ' + at + ' of 39')
console.log('connecting with password=canary-of-the-service'); console.log('no database'); process.exit(3)`
let outcomes: Readonly<Record<'all' | 'ci', Outcome>>

beforeAll(async () => {
  const stage = stack.use(realStage(process.env))
  const namespace = stack.use(await Namespace.create('crash'))
  const repository = stage.repository({ 'app/web.json': crashing() })
  const name = stage.name('crash')
  await must(
    stage.ask('/applications', {
      method: 'POST',
      body: application(name, { repoURL: repository.url, namespace: namespace.name, syncOptions: [] }),
    }),
  )
  const inputs = { server: stage.server, apps: name, revision: repository.git('rev-parse', 'HEAD'), grace: '5s', timeout: '150s' }
  const all = await syncProcess({ ...inputs, token: stage.admin })
  outcomes = { all, ci: await syncProcess({ ...inputs, token: stage.ci }) }
}, 400_000)
afterAll(() => stack.disposeAsync(), 300_000)

/** Given up by the deployment controller soon, and long after the first restart. */
function crashing(): string {
  const labels = { app: 'web' }
  // Never ready: one that were for a moment would have come to its end, for the deployment controller.
  const readinessProbe = { tcpSocket: { port: 1 } }
  const container = { name: 'web', image, command: ['node', '-e', program], readinessProbe, securityContext: { runAsUser: 65_532 } }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      progressDeadlineSeconds: 30,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
}

const toldSteps = (log: string): readonly number[] => [
  ...new Set([...log.matchAll(/step (\d+) of 39/g)].map(([, number]) => Number(number))),
]

describe('a deployment whose container crashes', () => {
  it('is degraded: the container, its state and its exit code are told', () => {
    const { result, exit, log } = outcomes.all
    expect({ result, exit }).toEqual({ result: 'degraded', exit: 3 })
    expect(log).toMatch(/web.*exit code 3/)
    expect(log).toMatch(/exceeded its progress deadline/)
  })

  it('has the last 30 lines of its log told, without what looks like a secret', () => {
    const { log } = outcomes.all
    expect(log).toMatch(/no database/)
    expect(toldSteps(log)).toEqual(numbers(12, 39))
    expect(log).toMatch(/connecting with password=\*\*\*/)
    expect(log).not.toMatch(/canary-of-the-service/)
  })

  it('is told without its log where the account may not read it', () => {
    const { result, log } = outcomes.ci
    expect(result).toBe('degraded')
    expect(log).toMatch(/web.*exit code 3/)
    expect(log).toMatch(/its log may not be read/)
    expect(toldSteps(log)).toEqual([])
  })
})
