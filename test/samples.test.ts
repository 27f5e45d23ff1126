import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { kebab } from '../src/base/names.ts'
import { parsePolicy } from '../src/domain/sigstore/verify/policy-file.ts'
import { readPipeline } from '../src/pipeline/file.ts'
import { tasks } from '../src/tasks/registry.ts'

const repository = dirname(import.meta.dirname)
const example = join(repository, 'examples', 'hello-node')
const read = (path: string): string => readFileSync(path, 'utf8')
const definitionOf = (name: string) => tasks.find(({ definition }) => definition.name === name)?.definition

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Declared {
  readonly name: string
  readonly type?: string
  readonly default?: unknown
  readonly optional?: boolean
}

interface Given {
  readonly name: string
  readonly value: unknown
}

describe('slipway.yaml of the example', () => {
  it('is a pipeline that can be run', async () => {
    const { steps } = await readPipeline({ workspace: example, tasks, environment: {}, overrides: [] })
    expect(steps.map(({ task }) => task.definition.name)).toEqual(['test', 'build', 'sbom', 'push'])
  })
})

describe('the sample workflow', () => {
  const text = read(join(example, '.github', 'workflows', 'release.yml'))
  const workflow = load(text) as { jobs: { release: { steps: readonly Step[] } } }
  const used = workflow.jobs.release.steps.flatMap((step) => {
    const name = /^slipway-ci\/slipway\/actions\/([\w-]+)@v1$/.exec(step.uses ?? '')?.[1]
    return name === undefined ? [] : [{ ...step, name }]
  })

  it('uses the tasks of the road in order', () => expect(used.map(({ name }) => name)).toEqual(['test', 'build', 'sbom', 'push']))

  it.each(used)('gives $name only inputs that it has', ({ name, with: given = {} }) => {
    const known = Object.keys(definitionOf(name)?.inputs ?? {}).map(kebab)
    expect(known).toEqual(expect.arrayContaining(Object.keys(given)))
  })

  it('takes only outputs that the steps have', () => {
    const taken = [...text.matchAll(/steps\.(\w+)\.outputs\.([\w-]+)/g)].map(([, id, output]) => ({ id, output }))
    expect(taken.length).toBeGreaterThan(0)
    for (const { id, output } of taken) {
      const name = used.find((step) => step.id === id)?.name ?? ''
      expect(Object.keys(definitionOf(name)?.outputs ?? {}).map(kebab)).toContain(output)
    }
  })
})

describe('the sample PipelineRun', () => {
  const run = load(read(join(example, 'tekton', 'pipelinerun.yaml'))) as {
    spec: { pipelineRef: { name: string }; params: readonly Given[]; workspaces: readonly Declared[] }
  }
  const pipeline = load(read(join(repository, 'tekton', 'pipelines', 'release.yaml'))) as {
    metadata: { name: string }
    spec: { params: readonly Declared[]; workspaces: readonly Declared[] }
  }

  it('runs the pipeline of the default road', () => expect(run.spec.pipelineRef.name).toBe(pipeline.metadata.name))

  it.each(run.spec.params)('gives $name, which the pipeline has, in its type', ({ name, value }) => {
    expect(pipeline.spec.params.find((param) => param.name === name)?.type).toBe(Array.isArray(value) ? 'array' : 'string')
  })

  it('gives everything that has no default', () => {
    const needed = [
      ...pipeline.spec.params.filter((param) => param.default === undefined),
      ...pipeline.spec.workspaces.filter(({ optional }) => optional !== true),
    ]
    const given = [...run.spec.params, ...run.spec.workspaces].map(({ name }) => name)
    expect(given).toEqual(expect.arrayContaining(needed.map(({ name }) => name)))
  })
})

describe('the example that signs', () => {
  const signing = join(repository, 'examples', 'signing')

  it('goes the whole road, with the tags last and the policy of its file', async () => {
    const environment = { IMAGE: 'r.example/app', VERSION: '1.4.0', REGISTRY_USER: 'ci', REGISTRY_PASSWORD: 's3cret' }
    const { steps } = await readPipeline({ workspace: signing, tasks, environment, overrides: [] })
    expect(steps.map(({ task }) => task.definition.name)).toEqual(['test', 'build', 'sbom', 'push', 'sign', 'attest', 'verify', 'tag'])
    const policy = String(steps.find(({ task }) => task.definition.name === 'verify')?.inputs.get('policy'))
    expect(parsePolicy(read(join(signing, policy)), policy)).toMatchObject({ signers: [{ repository: 'acme/hello-node' }] })
  })

  it('gives on GitHub every variable that its pipeline takes, and the right to sign', () => {
    const workflow = load(read(join(signing, '.github', 'workflows', 'release.yml'))) as {
      jobs: {
        release: { permissions: Readonly<Record<string, string>>; steps: readonly { uses?: string; env?: Record<string, string> }[] }
      }
    }
    const { permissions, steps } = workflow.jobs.release
    const road = steps.find(({ uses }) => uses === 'slipway-ci/slipway@v1')
    const taken = [...read(join(signing, 'slipway.yaml')).matchAll(/\{ env: (\w+) \}/g)].map(([, name]) => name)
    expect(Object.keys(road?.env ?? {})).toEqual(expect.arrayContaining(taken))
    expect(permissions).toMatchObject({ 'id-token': 'write', packages: 'write' })
  })
})
