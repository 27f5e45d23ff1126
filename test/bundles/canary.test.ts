import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tasks } from '../../src/tasks/registry.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { canaries, filesOf, formsOf, foundIn, key } from './canaries.ts'
import { type CanaryScene, openCanaryScene, placeSpies } from './canary-scene.ts'
import { type Work, works } from './canary-works.ts'
import { checkout, workspaceWith } from './workspaces.ts'

interface Ended {
  readonly code: number | null
  /** All that it wrote: output without the runner's masks, files of the host. */
  readonly said: string
  /** Folders for what is temporary, as the task leaves them. */
  readonly left: readonly string[]
}

const environment = (path: string) => ({ COSIGN_PRIVATE_KEY: key.privateKey, PATH: path })
interface Where {
  readonly workspace: string
  readonly path: string
}
/** A list as JSON, where a host has texts only. */
const texts = (inputs: Work['inputs']): Record<string, string> =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))

const hosts: Readonly<Record<string, (work: Work, where: Where) => Promise<Ended>>> = {
  async github({ task, inputs, secrets = {} }, { workspace, path }) {
    const run = await onGithub(task, {
      workspace,
      inputs: { ...texts(inputs), ...secrets },
      environment: { ...environment(path), ...scene.job },
    })
    const { raw, outputs, state, summary, annotations } = run
    const lines = `${raw.stdout}\n${raw.stderr}`.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    return { code: run.exitCode, said: JSON.stringify([lines, [...outputs], [...state], summary, annotations]), left: [run.temporary] }
  },
  async tekton({ task, inputs, secrets = {} }, { workspace, path }) {
    const run = await onTekton(task, {
      workspaces: { source: workspace },
      params: { ...inputs, ...(task === 'test' ? { image: 'node' } : {}) },
      secrets: { [`slipway-${task}`]: secrets },
      environment: environment(path),
    })
    return { code: run.exitCode, said: JSON.stringify([run.log, [...(run.results ?? [])]]), left: [run.home] }
  },
  async local({ task, inputs, secrets = {} }, { workspace: cwd, path }) {
    const flags = Object.entries(texts(inputs)).map(([name, value]) => `--${name}=${value}`)
    const hidden = Object.entries(secrets).map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll('-', '_')}`, value])
    const run = await slipway([task, ...flags, '--verbose'], { cwd, environment: { ...environment(path), ...Object.fromEntries(hidden) } })
    return { code: run.code, said: run.stdout + run.stderr, left: [] }
  },
}

let scene: CanaryScene
beforeAll(async () => {
  scene = await openCanaryScene(Object.keys(hosts))
})
afterAll(async () => scene[Symbol.asyncDispose]())

const trivy = { SchemaVersion: 2, CreatedAt: new Date().toISOString(), ArtifactName: 'app', Metadata: {}, Results: [] }
const webhook = 'webhooks: { ci: { url: "https://ci.example.com/x", events: [PUSH_ARTIFACT], auth-header: { secret: CI } } }'

/** What all tasks need. */
const files = {
  ...checkout,
  'app/run': '#!/bin/true\n',
  'trivy.json': JSON.stringify(trivy),
  'harbor.yaml': `projects: { library: { ${webhook} } }\n`,
}

describe.each(Object.keys(hosts))(
  'on %s no key, password or token is in what is printed, recorded, kept, stored, left, or in an argument',
  (host) => {
    test('of any task, whether it goes well or not', async () => {
      const workspace = workspaceWith(files)
      const { path, started } = placeSpies(workspace)
      const all = works(scene, host)
      expect([...new Set(all.map(({ task }) => task))].toSorted()).toEqual(tasks.map(({ definition }) => definition.name))
      const said: string[] = []
      const unexpected: unknown[] = []
      for (const work of all) {
        const ended = await hosts[host]?.(work, { workspace, path })
        if (ended?.code !== (work.exit ?? 0)) unexpected.push([work.task, ended?.code, ended?.said])
        said.push(ended?.said ?? '', ...(ended?.left ?? []).flatMap(filesOf))
      }
      expect(unexpected).toEqual([])
      const kept = [...filesOf(workspace), ...scene.stored.flatMap(filesOf)].join('\n')
      expect(kept).toContain('"wanted"')
      for (const word of ['ls-remote', 'ssh-keygen']) expect(started()).toContain(word)
      for (const [name, text] of [...said.entries(), ['what is kept', kept] as const, ['arguments', started()] as const]) {
        expect([name, foundIn(text)]).toEqual([name, []])
        expect([name, text.includes(scene.job['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '')]).toEqual([name, false])
        // No other token either: that of the job is another one each time.
        expect([name, /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/.exec(text)?.[0]]).toEqual([name, undefined])
      }
    }, 600_000)
  },
)

test('a secret that got out would be seen, however it is written', () => {
  for (const [name, secret] of Object.entries(canaries))
    for (const form of formsOf(secret)) expect(foundIn(`before ${form} after`)).toContain(name)
})
