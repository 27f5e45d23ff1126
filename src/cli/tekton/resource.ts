import { load } from 'js-yaml'
import * as v from 'valibot'
import { runtimeImage } from '../../emit/image.ts'
import { tektonTask } from '../../emit/tekton-task.ts'
import type { Definition } from '../../spec/define.ts'
import { version } from '../version.ts'

const named = v.looseObject({ name: v.string() })

const variable = v.object({
  name: v.string(),
  value: v.optional(v.string(), ''),
  valueFrom: v.optional(v.object({ secretKeyRef: v.object({ name: v.string(), key: v.string(), optional: v.optional(v.boolean()) }) })),
})

const step = v.looseObject({
  name: v.optional(v.string(), 'unnamed'),
  command: v.array(v.string()),
  args: v.optional(v.array(v.string()), []),
  env: v.optional(v.array(variable), []),
  workingDir: v.optional(v.string(), ''),
  onError: v.optional(v.picklist(['continue', 'stopAndFail']), 'stopAndFail'),
})

const params = v.optional(
  v.array(
    v.looseObject({
      name: v.string(),
      type: v.optional(v.picklist(['string', 'array']), 'string'),
      default: v.optional(v.union([v.string(), v.array(v.string())])),
    }),
  ),
  [],
)
const results = v.optional(v.array(named), [])

const task = v.looseObject({
  kind: v.literal('Task'),
  metadata: v.optional(named, { name: 'task' }),
  spec: v.looseObject({
    params,
    results,
    workspaces: v.optional(v.array(v.looseObject({ name: v.string(), optional: v.optional(v.boolean(), false) })), []),
    steps: v.pipe(v.array(step), v.minLength(1)),
  }),
})

const stepAction = v.looseObject({ kind: v.literal('StepAction'), spec: v.looseObject({ params, results, ...step.entries }) })

export type Step = v.InferOutput<typeof step>

/** What of a Task is run; a StepAction is one whose only step owns the results. */
export interface Runnable {
  readonly name: string
  readonly params: v.InferOutput<typeof params>
  readonly results: readonly string[]
  /** What stands before `results` in `$(results.x.path)`. */
  readonly owner: '' | 'step.'
  readonly workspaces: readonly { readonly name: string; readonly optional: boolean }[]
  readonly steps: readonly Step[]
}

/** Reads a Task or StepAction from parsed YAML. */
export function readTask(resource: unknown): Runnable {
  const parsed = v.parse(v.variant('kind', [task, stepAction]), resource)
  const common = { params: parsed.spec.params, results: parsed.spec.results.map(({ name }) => name) }
  if (parsed.kind === 'StepAction')
    return { ...common, name: 'action', owner: 'step.', workspaces: [], steps: [{ ...parsed.spec, name: 'action' }] }
  return { ...common, name: parsed.metadata.name, owner: '', workspaces: parsed.spec.workspaces, steps: parsed.spec.steps }
}

/** The generated Task of a definition, read back from its YAML as a cluster reads it. */
export function taskResource(definition: Definition): Runnable {
  const [file] = tektonTask(definition, { doc: '', source: '', version, image: runtimeImage })
  return readTask(load(file?.content ?? ''))
}
