import { describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { admissionViolations } from '../../test/checkers/tekton-admission.ts'
import { defineTask } from '../spec/define.ts'
import { text } from '../spec/kinds.ts'
import { type Catalog, tektonCatalog } from './tekton-catalog.ts'
import { homepage } from './tekton-metadata.ts'

const definition = defineTask({
  name: 'moor',
  summary: 'Moor a ship.',
  inputs: { ship: text({ required: true, summary: 'Which.' }) },
  outputs: {},
  reads: [],
  writes: [],
  errors: [],
})
const catalog: Catalog = {
  tasks: [{ definition, source: 'src/tasks/moor/task.ts', doc: 'With two ropes.\n' }],
  roads: { list: [{ name: 'harbour', summary: 'Into the harbour.', tasks: [definition] }], source: 'road.ts' },
  repositories: { task: '11111111-2222-3333-4444-555555555555' },
  version: '1.2.3',
  image: `ghcr.io/acme/tool:1.2.3@sha256:${'a'.repeat(64)}`,
}
const files = new Map(tektonCatalog(catalog).map(({ path, content }) => [path, content]))

describe('the tree of a catalogue', () => {
  it('has a folder for each version of each resource, and the file of the repository where its id is known', () => {
    expect([...files.keys()].sort()).toEqual([
      'pipeline/slipway-harbour/1.2.3/README.md',
      'pipeline/slipway-harbour/1.2.3/slipway-harbour.yaml',
      'stepaction/slipway-moor/1.2.3/README.md',
      'stepaction/slipway-moor/1.2.3/slipway-moor.yaml',
      'task/artifacthub-repo.yml',
      'task/slipway-moor/1.2.3/README.md',
      'task/slipway-moor/1.2.3/slipway-moor.yaml',
    ])
    expect(load(files.get('task/artifacthub-repo.yml') ?? '')).toEqual({ repositoryID: catalog.repositories.task })
  })

  // tracker/source/tekton of artifacthub/hub: the file has its folder's name, and the label is the version of the folder.
  it.each([...files].filter(([path]) => path.endsWith('.yaml')))('is read by Artifact Hub: %s', (path, content) => {
    const resource = load(content) as { metadata: { name: string; labels: Record<string, string> }; spec: { description: string } }
    const [, name, version, file] = path.split('/')
    expect(file).toBe(`${name}.yaml`)
    expect(resource.metadata).toMatchObject({
      name,
      labels: { 'app.kubernetes.io/version': version },
      annotations: { 'artifacthub.io/category': 'integration-delivery', 'artifacthub.io/license': 'Apache-2.0' },
    })
    expect(resource.spec.description).not.toBe('')
    expect(admissionViolations(resource)).toEqual([])
  })

  it('has links that are a list within YAML, as Artifact Hub reads them', () => {
    const resource = load(files.get('task/slipway-moor/1.2.3/slipway-moor.yaml') ?? '') as {
      metadata: { annotations: Record<string, string> }
    }
    expect(load(resource.metadata.annotations['artifacthub.io/links'] ?? '')).toEqual([
      { name: 'documentation', url: `${homepage}/blob/v1.2.3/docs/tasks/moor.md` },
      { name: 'support', url: `${homepage}/issues` },
    ])
  })

  it('has pages whose links lead somewhere from any site', () => {
    for (const [path, content] of files) {
      if (!path.endsWith('.md')) continue
      expect(
        [...content.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target).filter((target) => !target.startsWith('https://')),
      ).toEqual([])
    }
  })
})
