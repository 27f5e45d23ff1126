import { paramUseViolations, paramViolations } from './tekton-params.ts'
import { references } from './tekton-references.ts'
import type { Pipeline, Task } from './tekton-shapes.ts'

type PipelineTask = Pipeline['spec']['tasks'][number]

/** Names, the graph, and what each task refers to (pipeline_validation.go). */
export function pipelineViolations({ spec }: Pipeline): readonly string[] {
  const { tasks, params = [], workspaces = [], results = [] } = spec
  const names = tasks.map(({ name }) => name)
  return [
    ...paramViolations(params),
    ...tasks.flatMap((task, place) => [
      ...(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(task.name) ? [] : [`task ${task.name}: the name is not a DNS label`]),
      ...(names.indexOf(task.name) === place ? [] : [`task ${task.name}: declared twice`]),
      ...(task.runAfter ?? [])
        .filter((before) => !names.includes(before))
        .map((before) => `task ${task.name}: runs after ${before}, which is not there`),
      ...paramUseViolations(params, arraysAsArgs(task)),
      ...(task.workspaces ?? []).flatMap(({ name, workspace = name }) =>
        workspaces.some((known) => known.name === workspace) ? [] : [`task ${task.name}: no workspace ${workspace}`],
      ),
    ]),
    ...(acyclic(tasks) ? [] : ['tasks: they wait for one another in a circle']),
    ...results.flatMap(({ name, value }) => resultViolations(name, String(value), names)),
  ]
}

/** What admission cannot see: whether the Pipeline fits the Tasks that it names. */
export function pipelineFitViolations({ spec }: Pipeline, installed: readonly Task[]): readonly string[] {
  return spec.tasks.flatMap((used) => {
    const task = installed.find(({ metadata }) => metadata.name === used.taskRef.name)
    if (task === undefined) return [`task ${used.name}: no Task ${used.taskRef.name}`]
    const { params = [], workspaces = [], results = [] } = task.spec
    const given = used.params ?? []
    const passedOn = (spec.results ?? [])
      .flatMap(({ value }) => references(String(value)))
      .filter(({ rest }) => rest.startsWith(`${used.name}.`))
    return [
      ...given.filter(({ name }) => !params.some((param) => param.name === name)).map(({ name }) => `task ${used.name}: no param ${name}`),
      ...given
        .filter(({ name, value }) => params.some((param) => param.name === name && Array.isArray(value) !== (param.type === 'array')))
        .map(({ name }) => `task ${used.name}: param ${name} is of another type`),
      ...params
        .filter((param) => param.default === undefined && !given.some(({ name }) => name === param.name))
        .map(({ name }) => `task ${used.name}: param ${name} is required`),
      ...workspaces
        .filter(({ name, optional }) => optional !== true && !(used.workspaces ?? []).some((bound) => bound.name === name))
        .map(({ name }) => `task ${used.name}: workspace ${name} is not bound`),
      ...passedOn
        .filter(({ rest }) => !results.some(({ name }) => rest === `${used.name}.results.${name}`))
        .map(({ text }) => `results: ${text} is not a result of ${used.name}`),
    ]
  })
}

/** In a Pipeline, the elements of a param's array are where a whole array may stand. */
function arraysAsArgs({ params = [], ...task }: PipelineTask): object {
  return { ...task, params: params.map(({ name, value }) => (Array.isArray(value) ? { name, args: value } : { name, value })) }
}

function resultViolations(name: string, value: string, tasks: readonly string[]): readonly string[] {
  const [reference] = references(value)
  const known = reference?.root === 'tasks' && tasks.includes(reference.rest.split('.')[0] ?? '')
  return [
    ...(/^([A-Za-z0-9][-A-Za-z0-9_]*)?[A-Za-z0-9]$/.test(name) ? [] : [`result ${name}: the name is malformed`]),
    ...(known ? [] : [`result ${name}: ${value} names no task`]),
  ]
}

function acyclic(tasks: readonly PipelineTask[]): boolean {
  const done = new Set<string>()
  let left = tasks
  while (left.length > 0) {
    const ready = left.filter(({ runAfter = [] }) => runAfter.every((name) => done.has(name) || !tasks.some((task) => task.name === name)))
    if (ready.length === 0) return false
    for (const { name } of ready) done.add(name)
    left = left.filter((task) => !ready.includes(task))
  }
  return true
}
