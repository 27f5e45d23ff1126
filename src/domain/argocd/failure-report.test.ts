import { describe, expect, it } from '@jest/globals'
import { says } from './argocd.fake.ts'
import { broken, failureScene, health, log } from './failure.fake.ts'
import { failureBlocks, failureLines } from './failure-text.ts'

const { report, scene } = failureScene()

describe('a report', () => {
  const many = Array.from({ length: 60 }, (_, n) => ({
    kind: 'Job',
    namespace: 'shop',
    name: `job-${n}`,
    status: 'Synced',
    ...health('Degraded', 'x'.repeat(5000)),
  }))
  const pods = Array.from({ length: 40 }, (_, n) => ({
    kind: 'Pod',
    namespace: 'shop',
    name: `web-${n}`,
    uid: `p${n}`,
    ...health('Degraded'),
  }))

  it('has an end, however much fails', async () => {
    const lines = Array.from({ length: 200 }, (_, n) => `line ${n} ${'y'.repeat(3000)}`)
    const large = await report({
      application: says({ ...broken, status: { ...broken.status, resources: many } }),
      tree: says({ nodes: pods }),
      logs: log(...lines),
    })
    expect([large.resources.length, large.more, large.containers.length]).toEqual([20, 81, 6])
    expect(large.containers.filter((one) => one.log !== undefined)).toHaveLength(3)
    expect(JSON.stringify(failureBlocks(large)).length).toBeLessThan(100_000)
    expect(failureLines(large)).toContain('  … 81 more')
  })

  it('of twenty thousand resources is soon there', async () => {
    const resources = Array.from({ length: 20_000 }, (_, n) => ({ kind: 'Job', name: `job-${n}`, status: 'Synced', ...health('Degraded') }))
    const { more } = await report({ application: says({ ...broken, status: { ...broken.status, resources } }) })
    expect(more).toBe(20_000 + 3 - 20)
  })

  it('shows no secret: not of a pod, of an address or of a log', async () => {
    const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(40)}`
    const told = await report({ logs: log('DB_PASSWORD=hunter2', `using ${jwt}`) })
    const shown = [...failureLines(told), JSON.stringify(failureBlocks(told))].join('\n')
    expect(shown).toMatch(/DB_PASSWORD=\*\*\*/)
    expect(shown).not.toMatch(/hunter2|s3cret|eyJaaaa/)
  })

  it('reads well in a log', async () => {
    expect(failureLines(await report())).toEqual([
      `web: Degraded, OutOfSync at aaaaaaaaaaaa; the operation Failed after 2 retries: one or more objects failed to apply`,
      '  SyncError: failed to fetch https://me:***@git.example.com/repo',
      '  SyncFailed Service bad: provided IP is not in the valid range',
      '  Degraded Deployment web: Deployment "web" exceeded its progress deadline',
      '  Degraded Pod web-1: back-off 1m20s restarting failed container',
      '  needs pruning ConfigMap old: git has it no more, and the sync does not prune',
      '  web-1 web: CrashLoopBackOff: OOMKilled, exit code 137, 4 restarts: back-off 1m20s',
      '    | starting',
      '    | panic: no database',
      '  web-1 side: ImagePullBackOff, 0 restarts: not found',
      '  06:18:00 Pod web-1 BackOff: Back-off restarting failed container',
      `  ${scene().server.url}/applications/argocd/web`,
    ])
  })

  it('has tables for a summary, and the logs folded away', async () => {
    const blocks = failureBlocks(await report())
    expect(
      blocks.map((block) => (block.kind === 'table' || block.kind === 'details' ? `${block.kind} ${block.title}` : block.kind)),
    ).toEqual([
      ...['heading', 'text', 'table Conditions', 'table Resources', 'table Containers', 'table Events'],
      'details Log of web-1 web, last 2 lines',
    ])
  })
})
