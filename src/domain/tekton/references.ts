import type { Resource } from './resource.ts'

/**
 * The Pipeline with the Tasks that `bundles` names, by their names, taken from those bundles rather than from the namespace
 * of the run: then nothing has to be installed before it. References to other Tasks stay as they are.
 */
export function referToBundles(pipeline: Resource, bundles: ReadonlyMap<string, string>): Resource {
  const referred = (['tasks', 'finally'] as const).flatMap((list) => {
    const tasks: unknown = pipeline.spec[list]
    return Array.isArray(tasks) ? [[list, tasks.map((task) => fromBundle(task, bundles))] as const] : []
  })
  return { ...pipeline, spec: { ...pipeline.spec, ...Object.fromEntries(referred) } }
}

function fromBundle(task: unknown, bundles: ReadonlyMap<string, string>): unknown {
  const name = nameOf(task)
  const bundle = name === undefined ? undefined : bundles.get(name)
  if (bundle === undefined) return task
  const params = Object.entries({ bundle, name, kind: 'task' }).map(([param, value]) => ({ name: param, value }))
  return { ...Object(task), taskRef: { resolver: 'bundles', params } }
}

function nameOf(task: unknown): string | undefined {
  const reference: unknown = Reflect.get(Object(task), 'taskRef')
  const name: unknown = Reflect.get(Object(reference), 'name')
  return typeof name === 'string' ? name : undefined
}
