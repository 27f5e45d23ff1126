import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { inputFields, isSecret } from './fields.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { inOrder } from './order.ts'
import { metadata, resourceName } from './tekton-metadata.ts'
import { type Param, secretParamNames, spread } from './tekton-params.ts'
import { chainsResults, outputResults, type TektonResult } from './tekton-results.ts'
import { taskParams, taskWorkspaces } from './tekton-task.ts'
import { unlessEmpty, type Yaml, type YamlMap, yamlFile } from './yaml.ts'

/** Some tasks as one Pipeline. */
export interface Road {
  /** kebab-case: the file's name, and the Pipeline's after `slipway-`. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  readonly tasks: readonly Definition[]
  /** By task, inputs that the road decides by itself: they are no parameters of the Pipeline. */
  readonly decided?: Readonly<Record<string, Decided>>
  /** By task, public names of inputs, texts all: where none of them is given it is left out, and the others go on. */
  readonly guarded?: Readonly<Record<string, readonly string[]>>
}

/** By the public name of an input: its value, an input of another task (of the same name, where none is said), or nothing at all. */
export type Decided = Readonly<Record<string, { readonly value: string } | { readonly as: string; readonly input?: string } | 'unset'>>

/**
 * The Pipeline of a road. Inputs that the release record fills have no parameter: the tasks hand them on in the workspace.
 * The tasks run one after another, because each reads that record when it starts and writes it when it ends. What tells of the run
 * comes in `finally`: whatever happened before, and with what is known of it.
 */
export function tektonPipeline(road: Road, { source, version }: Omit<EmitOptions, 'doc' | 'image'>): readonly EmittedFile[] {
  const ordered = inOrder(road.tasks, road.decided)
  const params = (task: Definition): readonly Param[] => {
    const given = givenParams(task, road.decided?.[task.name])
    return road.guarded?.[task.name] === undefined ? given : given.map(leftOut)
  }
  const tasks = ordered.filter((task) => finallyOf(task) === undefined)
  const last = ordered.filter((task) => finallyOf(task) !== undefined)
  const resource: YamlMap = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Pipeline',
    metadata: metadata({
      name: road.name,
      displayName: `Slipway ${road.name}`,
      version,
      tags: ordered.map(({ name }) => name),
      docs: 'docs/guides/tekton.md',
    }),
    spec: {
      description: road.summary,
      params: unlessEmpty(ordered.flatMap((task) => params(task).map((param) => ({ ...param, name: hoisted(task, param.name) })))),
      workspaces: sharedWorkspaces(ordered),
      tasks: tasks.map((task, place) =>
        pipelineTask(task, {
          before: tasks[place - 1],
          params: params(task),
          told: decidedParams(task, road),
          guard: road.guarded?.[task.name],
        }),
      ),
      finally: unlessEmpty(last.map((task) => pipelineTask(task, { params: params(task), told: toldParams(task, tasks) }))),
      results: unlessEmpty([...tasks.flatMap(ownResults), ...chainsOf(tasks)]),
    },
  }
  return [yamlFile(`tekton/pipelines/${road.name}.yaml`, source, resource)]
}

/** Always with the task's name before it, so that a task which joins the road renames nothing. */
function hoisted(task: Definition, name: string): string {
  return `${task.name}-${name}`
}

function givenParams(task: Definition, decided: Decided = {}): readonly Param[] {
  const recorded = inputFields(task).filter(({ input }) => input.options.from !== undefined)
  const told = Object.values(finallyOf(task) ?? {}).map(kebab)
  const apart = [...told, ...recorded.map(({ name }) => name), ...paramsOf(task, Object.keys(decided)).map(({ name }) => name)]
  return taskParams(task).filter(({ name }) => !apart.includes(name))
}

/** A task that may be left out asks for nothing. */
function leftOut(param: Param): Param {
  return { ...param, default: param.default ?? (param.type === 'array' ? [] : '') }
}

/** The parameters that carry these inputs: a secret has two, the name of the Secret and the key in it. */
function paramsOf(task: Definition, inputs: readonly string[]): readonly Param[] {
  const names = inputFields(task).flatMap((field) =>
    inputs.includes(field.name) ? (isSecret(field) ? secretParamNames(field.name) : [field.name]) : [],
  )
  return taskParams(task).filter(({ name }) => names.includes(name))
}

function decidedParams(task: Definition, { decided = {} }: Road): readonly YamlMap[] {
  return Object.entries(decided[task.name] ?? {}).flatMap(([input, how]) =>
    how === 'unset' ? [] : paramsOf(task, [input]).map(({ name, type }) => ({ name, value: decidedValue(how, { input, name, type }) })),
  )
}

function decidedValue(
  how: Exclude<Decided[string], 'unset'>,
  { input, name, type }: { readonly input: string; readonly name: string; readonly type: Param['type'] },
): Yaml {
  if ('value' in how) return type === 'array' ? [how.value] : how.value
  const theirs = `${how.as}-${name.replace(input, how.input ?? input)}`
  return type === 'array' ? [spread(theirs)] : `$(params.${theirs})`
}

function finallyOf({ hosts }: Definition): { readonly status: string; readonly tasks: string } | undefined {
  return hosts?.tekton?.finally
}

/** How the run and its tasks ended (Tekton docs/pipelines.md, "Using execution status"). */
function toldParams(task: Definition, tasks: readonly Definition[]): readonly YamlMap[] {
  const names = finallyOf(task)
  if (names === undefined) return []
  return [
    { name: kebab(names.status), value: '$(tasks.status)' },
    { name: kebab(names.tasks), value: tasks.map(({ name }) => `${name}=$(tasks.${name}.status)`) },
  ]
}

function sharedWorkspaces(tasks: readonly Definition[]): readonly YamlMap[] {
  const all = tasks.flatMap(taskWorkspaces)
  return all.filter(({ name }, place) => all.findIndex((other) => other.name === name) === place)
}

function pipelineTask(
  task: Definition,
  {
    before,
    params,
    told,
    guard,
  }: {
    readonly before?: Definition | undefined
    readonly params: readonly Param[]
    readonly told: readonly YamlMap[]
    readonly guard?: readonly string[] | undefined
  },
): Yaml {
  return {
    name: task.name,
    taskRef: { name: resourceName(task.name) },
    runAfter: before && [before.name],
    // Guards this task alone: what runs after it does so all the same (Tekton docs/pipelines.md, "Guarding a Task only").
    when:
      guard === undefined
        ? undefined
        : [{ input: guard.map((name) => `$(params.${hoisted(task, name)})`).join(''), operator: 'notin', values: [''] }],
    params: unlessEmpty([
      ...params.map(({ name, type }) => ({
        name,
        value: type === 'array' ? [spread(hoisted(task, name))] : `$(params.${hoisted(task, name)})`,
      })),
      ...told,
    ]),
    workspaces: taskWorkspaces(task).map(({ name }) => ({ name, workspace: name })),
  }
}

function ownResults(task: Definition): readonly YamlMap[] {
  return outputResults(task).map((result) => passOn(task, result, hoisted(task, result.name)))
}

/** Chains reads the hints of the Pipeline itself (deep inspection is off by default); the last image is the one that leaves the road. */
function chainsOf(tasks: readonly Definition[]): readonly YamlMap[] {
  const hints = new Map(
    tasks.flatMap((task) => chainsResults(task).map((result) => [result.name, passOn(task, result, result.name)] as const)),
  )
  return [...hints.values()]
}

function passOn(task: Definition, { name, type, description }: TektonResult, as: string): YamlMap {
  return { name: as, type, description, value: `$(tasks.${task.name}.results.${name})` }
}
