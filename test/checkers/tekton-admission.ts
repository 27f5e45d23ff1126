/**
 * What Tekton's admission webhook refuses, and what it lets through although no run could work with it: task_validation.go,
 * container_validation.go, stepaction_validation.go, result_validation.go and pipeline_validation.go of tektoncd/pipeline 1.15.
 */
import { posix } from 'node:path'
import { misshapen } from './shape.ts'
import { paramUseViolations, paramViolations } from './tekton-params.ts'
import { pipelineViolations } from './tekton-pipeline.ts'
import { references, texts } from './tekton-references.ts'
import { type Pipeline, pipeline, type Step, type StepAction, stepAction, type Task, task } from './tekton-shapes.ts'

/** Every reason to refuse a Task, StepAction or Pipeline; empty when it is admitted. */
export function admissionViolations(resource: unknown): readonly string[] {
  const kind = (resource as { readonly kind?: unknown } | null)?.kind
  if (kind === 'Task') return either(misshapen(task, resource), () => taskViolations(resource as Task))
  if (kind === 'StepAction') return either(misshapen(stepAction, resource), () => stepActionViolations(resource as StepAction))
  if (kind === 'Pipeline') return either(misshapen(pipeline, resource), () => pipelineViolations(resource as Pipeline))
  return [`kind ${String(kind)}: expected Task, StepAction or Pipeline`]
}

function either(shape: readonly string[], rules: () => readonly string[]): readonly string[] {
  return shape.length > 0 ? shape : rules()
}

function taskViolations({ metadata, spec }: Task): readonly string[] {
  const { params = [], results = [], workspaces = [], volumes = [], steps } = spec
  const mounts = steps.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => posix.normalize(mountPath)))
  const places = workspaces.map(({ name, mountPath }) => posix.normalize(mountPath ?? `/workspace/${name}`))
  return [
    ...nameViolations(metadata.name),
    ...paramViolations(params),
    ...paramUseViolations(params, runtimeOf(spec)),
    ...results.flatMap(resultViolations),
    ...repeated(
      'workspace',
      workspaces.map(({ name }) => name),
    ),
    ...repeated('workspace mount path', [...new Set(mounts), ...places]),
    ...repeated(
      'volume',
      volumes.map(({ name }) => name),
    ),
    ...repeated(
      'step',
      steps.flatMap(({ name }) => name ?? []),
    ),
    ...steps.flatMap((step, place) => stepViolations(step, place, spec)),
  ]
}

function stepActionViolations({ metadata, spec }: StepAction): readonly string[] {
  const { params = [], results = [], volumeMounts = [] } = spec
  return [
    ...nameViolations(metadata.name),
    ...paramViolations(params),
    ...paramUseViolations(params, runtimeOf(spec)),
    ...results.flatMap(resultViolations),
    ...programViolations({ ...spec, params: undefined }, 'the StepAction'),
    ...(references(spec.script ?? '').some(({ root }) => root === 'params') ? ['script: a param in a script is refused'] : []),
    ...volumeMounts.flatMap(({ name }) => (/^\$\(params\.[^()]+\)$/.test(name) ? [] : [`volumeMount ${name}: the name must be one param`])),
    ...texts(runtimeOf(spec)).flatMap(({ path, text }) =>
      references(text).flatMap(({ root, rest, text: whole }) => {
        if (root === 'params' || root === 'context') return []
        if (root !== 'step.results') return [`${path}: ${whole} is not known to a StepAction`]
        return results.some(({ name }) => rest === `${name}.path`) ? [] : [`${path}: ${whole} names no result`]
      }),
    ),
  ]
}

function stepViolations(step: Step, place: number, spec: Task['spec']): readonly string[] {
  const here = `step ${step.name ?? place}`
  return [
    ...(step.name === undefined || isLabel(step.name) ? [] : [`${here}: the name is not a DNS label`]),
    ...(step.ref === undefined ? programViolations(step, here) : refViolations(step, here)),
    ...(step.volumeMounts ?? []).flatMap((mount) => mountViolations(mount, here, spec)),
    ...(step.workspaces ?? []).flatMap(({ name }) =>
      spec.workspaces?.some((other) => other.name === name) === true ? [] : [`${here}: no workspace ${name}`],
    ),
    ...texts(step).flatMap(({ path, text }) =>
      references(text).flatMap((reference) => referenceViolations(reference, `${here} ${path}`, place, spec)),
    ),
  ]
}

function programViolations({ image, command = [], script, params }: Program, here: string): readonly string[] {
  return [
    ...(image === undefined || image === '' ? [`${here}: no image`] : []),
    ...(script !== undefined && command.length > 0 ? [`${here}: script and command exclude each other`] : []),
    ...(params === undefined ? [] : [`${here}: params without ref`]),
  ]
}

interface Program {
  readonly image?: string | undefined
  readonly command?: readonly string[] | undefined
  readonly script?: string | undefined
  readonly params?: unknown
}

function refViolations(step: Step, here: string): readonly string[] {
  const own = ['image', 'command', 'args', 'script', 'env', 'workingDir', 'volumeMounts', 'results'] as const
  return own.filter((field) => step[field] !== undefined).map((field) => `${here}: ${field} beside ref`)
}

function mountViolations(
  { name, mountPath }: { name: string; mountPath: string },
  here: string,
  { volumes = [] }: Task['spec'],
): readonly string[] {
  const path = posix.normalize(mountPath)
  return [
    ...(path.startsWith('/tekton/') && !path.startsWith('/tekton/home') ? [`${here}: nothing may be mounted at ${path}`] : []),
    ...(name.startsWith('tekton-internal-') ? [`${here}: the volume name ${name} is reserved`] : []),
    ...(name.includes('$(') || volumes.some((volume) => volume.name === name) ? [] : [`${here}: no volume ${name}`]),
  ]
}

/** Rule 6, and beyond it the fields that admission does not look at. */
function referenceViolations(
  { root, rest, text }: ReturnType<typeof references>[number],
  where: string,
  place: number,
  spec: Task['spec'],
): readonly string[] {
  const [name = '', field = ''] = splitLast(rest)
  const known = {
    params: () => true,
    results: () => field === 'path' && spec.results?.some((result) => result.name === name) === true,
    workspaces: () =>
      ['path', 'bound', 'claim', 'volume'].includes(field) && spec.workspaces?.some((workspace) => workspace.name === name) === true,
    context: () => ['taskRun.name', 'taskRun.namespace', 'taskRun.uid', 'task.name', 'task.retry-count'].includes(rest),
    steps: () => stepReference(rest, where, spec.steps.slice(0, place)),
    'step.results': () => spec.steps[place]?.results?.some((result) => rest === `${result.name}.path`) === true,
  }[root]
  return known?.() === true ? [] : [`${where}: ${text} is not known here`]
}

/** `steps.build.results.x` of an earlier step in env, command and args only; `steps.step-build.exitCode.path` likewise. */
function stepReference(rest: string, where: string, earlier: readonly Step[]): boolean {
  const [, exited] = /^step-([a-z0-9-]+)\.exitCode\.path$/.exec(rest) ?? []
  if (exited !== undefined) return earlier.some(({ name }) => name === exited)
  const [, step, result] = /^([a-z0-9-]+)\.results\.([\w-]+)$/.exec(rest) ?? []
  const named = earlier.find(({ name }) => name === step)
  return (
    / (?:env|command|args)\./.test(where) &&
    named !== undefined &&
    (named.ref !== undefined || named.results?.some(({ name }) => name === result) === true)
  )
}

function resultViolations({
  name,
  type,
  properties,
  value,
}: {
  name: string
  type?: string | undefined
  properties?: unknown
  value?: unknown
}): readonly string[] {
  return [
    ...(/^([A-Za-z0-9][-A-Za-z0-9_]*)?[A-Za-z0-9]$/.test(name) ? [] : [`result ${name}: the name is malformed`]),
    ...(type === 'object' && properties === undefined ? [`result ${name}: an object needs properties`] : []),
    ...(value === undefined || /^\$\(steps\.[a-z0-9-]+\.results\.[\w-]+\)$/.test(String(value))
      ? []
      : [`result ${name}: the value is not a step's result`]),
  ]
}

/** Descriptions and defaults are for people, and never substituted. */
function runtimeOf({ params: _, description: __, results: ___, ...rest }: Task['spec'] | StepAction['spec']): object {
  return rest
}

function nameViolations(name: string): readonly string[] {
  return name.length <= 63 && name.split('.').every(isLabel) ? [] : [`metadata.name ${name}: not a DNS name of at most 63 characters`]
}

function isLabel(name: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
}

function repeated(what: string, names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => `${what} ${name}: used twice`)
}

function splitLast(text: string): readonly [string, string] {
  const dot = text.lastIndexOf('.')
  return dot === -1 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)]
}
