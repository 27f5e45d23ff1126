// Projects of a Harbor from one file: how many calls each takes, and how long all. The Harbor is the fake of the tests, in this process
// and over loopback: what is measured is ours and the number of calls, not a Harbor's time.

import { connectHarbor } from '../src/domain/harbor/client.ts'
import { applyProjects } from '../src/domain/harbor/project/apply.ts'
import { parseProjectFile } from '../src/domain/harbor/project/file.ts'
import { planProjects, type Request } from '../src/domain/harbor/project/plan.ts'
import { systemClock } from '../src/io/clock.ts'
import { createTransport } from '../src/io/transport.ts'
import type { Log } from '../src/spec/ports.ts'
import { startFakeHarbor } from '../test/fakes/harbor/harbor.ts'
import { addUser } from '../test/fakes/harbor/state.ts'
import type { Options } from './images.ts'
import { median, print } from './table.ts'

const projects = 200
const settings = `
    metadata: { public: false, auto-scan: true, prevent-vul: true, severity: high, reuse-sys-cve-allowlist: false }
    quota: 20GiB
    cve-allowlist: { items: [CVE-2026-1], expires: 2027-01-31 }
    members: { alice: developer, bob: guest }
    labels: { prod: { color: "#ff0000" }, test: }
    immutability: [{ tags: "v*" }]
    retention: { schedule: daily, rules: [{ keep: latest-pushed, count: 10 }] }
    webhooks: { ci: { url: "https://ci.example.com/hook", events: [PUSH_ARTIFACT] } }`
const small = `
    metadata: { public: false, auto-scan: true }
    quota: 20GiB`

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

interface Run {
  readonly name: string
  readonly calls: number
  readonly writes: number
  readonly seconds: number
}

/** Plan and apply of 200 projects, new and unchanged, with all kinds of settings and with settings and quota only. */
export async function benchHarborProject({ rounds }: Options): Promise<void> {
  for (const [title, each] of [
    ['eight kinds of settings each', settings],
    ['settings and quota only', small],
  ] as const) {
    const all: Run[][] = []
    for (let round = 0; round < rounds; round += 1) all.push(await measure(each))
    print(`\n**harbor-project: ${projects} projects, ${title}**\n\n${tableOf(all)}`)
  }
}

async function measure(each: string): Promise<Run[]> {
  await using harbor = await startFakeHarbor()
  const { signal } = new AbortController()
  const clock = systemClock(signal)
  const http = createTransport({ userAgent: 'slipway-bench', clock, log, signal })
  for (const name of ['alice', 'bob']) addUser(harbor.state, name)
  const names = Array.from({ length: projects }, (_, place) => `team-${String(place).padStart(3, '0')}`)
  const text = `projects:\n${names.map((name) => `  ${name}:${each}`).join('\n')}\n`
  const credential = { kind: 'password', username: 'admin', password: 'admin-Passw0rd', source: 'the benchmark' } as const
  const request = (): Request => ({
    read: parseProjectFile(text, 'harbor.yaml'),
    harbor: connectHarbor({ origin: harbor.url, credential }, { http, clock, log }),
    prune: new Set(),
    time: clock.now(),
  })
  const timed = async (name: string, work: () => Promise<unknown>): Promise<Run> => {
    const from = harbor.log.length
    const begin = performance.now()
    await work()
    const lines = harbor.log.slice(from)
    const writes = lines.filter((line) => !/^(?:GET|HEAD) /.test(line)).length
    return { name, calls: lines.length, writes, seconds: (performance.now() - begin) / 1000 }
  }
  const apply = async (): Promise<void> => {
    const failed = (await applyProjects(request())).find(({ error }) => error !== undefined)
    if (failed !== undefined) throw failed.error
  }
  const runs = [
    await timed('plan, none is there', () => planProjects(request())),
    await timed('apply, none is there', apply),
    await timed('plan, nothing differs', () => planProjects(request())),
    await timed('apply, nothing differs', apply),
  ]
  http.close()
  return runs
}

function tableOf(all: readonly (readonly Run[])[]): string {
  const rows = (all[0] ?? []).map(({ name, calls, writes }, place) => {
    const seconds = median(all.map((runs) => runs[place]?.seconds ?? 0))
    return [name, String(calls), (calls / projects).toFixed(2), (writes / projects).toFixed(2), `${seconds.toFixed(2)} s`]
  })
  const head = ['', 'calls', 'per project', 'writes per project', 'median']
  return [head, head.map((_, column) => (column === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
