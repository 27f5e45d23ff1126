import { describe, expect, it, test } from '@jest/globals'
import { unpinnedImages } from './images.ts'
import { referToBundles } from './references.ts'
import { type Resource, readResource } from './resource.ts'

const text = (fields: object): string =>
  JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'build' }, spec: {}, ...fields })

describe('readResource', () => {
  it('reads one resource, and keeps what it does not know', () => {
    expect(
      readResource(
        '# A remark.\n---\nkind: StepAction\napiVersion: tekton.dev/v1beta1\nmetadata: {name: a, labels: {b: c}}\nspec: {x: 1}\n',
        'a.yaml',
      ),
    ).toEqual({
      kind: 'StepAction',
      apiVersion: 'tekton.dev/v1beta1',
      metadata: { name: 'a', labels: { b: 'c' } },
      spec: { x: 1 },
    })
  })

  it.each([
    ['two documents', `${text({})}\n---\n${text({})}`, 'holds 2 documents'],
    ['no document', '---\n# nothing\n', 'holds 0 documents'],
    ['another kind', text({ kind: 'TaskRun' }), 'kind'],
    ['an API version that is not stored', text({ apiVersion: 'tekton.dev/v1beta1' }), 'apiVersion'],
    ['no name', text({ metadata: {} }), 'metadata.name'],
    ['a name that Kubernetes refuses', text({ metadata: { name: 'Build' } }), 'metadata.name: expected a DNS label'],
    ['no specification', text({ spec: null }), 'spec'],
    ['no YAML', '{', 'line 1'],
    ['a key twice', 'kind: Task\nkind: Pipeline\n', 'line 2'],
    ['an alias, which could grow without limit', 'a: &a [x]\nb: *a\n', 'is no YAML'],
    ['more than a mebibyte', ' '.repeat(1024 * 1024 + 1), 'has more than 1048576 bytes'],
  ])('refuses %s', (_, given, why) => {
    expect(() => readResource(given, 'x.yaml')).toThrow(
      expect.objectContaining({ code: 'SW-TEKTON-RESOURCE', message: expect.stringContaining(why) }),
    )
  })
})

describe('unpinnedImages', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const found = (spec: Resource['spec']): readonly string[] =>
    unpinnedImages({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'x' }, spec })

  it.each([
    [`ghcr.io/a/b:1@${digest}`, []],
    ['ghcr.io/a/b:1', ['spec.steps[0].image: ghcr.io/a/b:1']],
    [`ghcr.io/a/b@${digest}`, [`spec.steps[0].image: ghcr.io/a/b@${digest}`]],
    [`ghcr.io/a/b:1@sha256:${digest}`, [`spec.steps[0].image: ghcr.io/a/b:1@sha256:${digest}`]],
    ['busybox', ['spec.steps[0].image: busybox']],
    ['', ['spec.steps[0].image: ']],
    ['$(params.image)', []],
    ['ghcr.io/a/b:$(params.tag)', ['spec.steps[0].image: ghcr.io/a/b:$(params.tag)']],
  ])('of %j are %j', (image, unpinned) => {
    expect(found({ steps: [{ image }] })).toEqual(unpinned)
  })

  it('are found wherever a container is', () => {
    const spec = { stepTemplate: { image: 'a' }, sidecars: [{ image: 'b' }], tasks: [{ taskSpec: { steps: [{ image: 'c' }] } }] }
    expect(found(spec)).toEqual(['spec.stepTemplate.image: a', 'spec.sidecars[0].image: b', 'spec.tasks[0].taskSpec.steps[0].image: c'])
  })

  it('are looked for in the default of the parameter that names one', () => {
    const steps = [{ image: '$(params.image)' }]
    expect(found({ steps, params: [{ name: 'image', default: 'busybox:1' }] })).toEqual(['spec.steps[0].image by default: busybox:1'])
    expect(
      found({
        steps,
        params: [
          { name: 'image', default: '' },
          { name: 'other', default: 'busybox:1' },
        ],
      }),
    ).toEqual([])
  })

  it('are not what a parameter only describes', () => {
    expect(found({ params: [{ name: 'target', default: { image: 'app' } }] })).toEqual([])
  })
})

test('referToBundles takes Tasks from their bundles, and leaves all else', () => {
  const other = { name: 'other', taskRef: { resolver: 'git', params: [] } }
  const pipeline: Resource = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Pipeline',
    metadata: { name: 'p' },
    spec: {
      params: [{ name: 'x' }],
      tasks: [
        { name: 'one', taskRef: { name: 'build' }, params: [{ name: 'x', value: '$(params.x)' }] },
        other,
        { name: 'own', taskSpec: { steps: [] } },
      ],
      finally: [{ name: 'end', taskRef: { name: 'report' } }],
    },
  }
  const reference = {
    resolver: 'bundles',
    params: [
      { name: 'bundle', value: 'r/b:1' },
      { name: 'name', value: 'build' },
      { name: 'kind', value: 'task' },
    ],
  }
  expect(referToBundles(pipeline, new Map([['build', 'r/b:1']]))).toEqual({
    ...pipeline,
    spec: {
      ...pipeline.spec,
      tasks: [
        { name: 'one', taskRef: reference, params: [{ name: 'x', value: '$(params.x)' }] },
        other,
        { name: 'own', taskSpec: { steps: [] } },
      ],
    },
  })
})
