import { paramUseViolations, paramViolations } from './tekton-params.ts'
import { type Reference, references, texts } from './tekton-references.ts'
import type { Pipeline, Task } from './tekton-shapes.ts'

type PipelineTask = Pipeline['spec']['tasks'][number]

/** Names, the graph, and what each task refers to (pipeline_validation.go). */
export function pipelineViolations({ spec }: Pipeline): readonly string[] {
  const { tasks, params = [], workspaces = [], results = [] } = spec
  const all = [...tasks, ...(spec.finally ?? [])]
  const names = all.map(({ name }) => name)
  return [
    ...paramViolations(params),
    ...(spec.finally ?? []).flatMap((task) => lastViolations(task, tasks)),
    ...tasks.filter(({ params }) => statuses(params).length > 0).map(({ name }) => `task ${name}: asks for a status before finally`),
    ...all.flatMap((task, place) => [
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
  return [...spec.tasks, ...(spec.finally ?? [])].flatMap((used) => {
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

/** Tasks of `finally` run at once when all others have ended, and only they may ask how those ended. */
function lastViolations({ name, runAfter, params }: PipelineTask, tasks: readonly PipelineTask[]): readonly string[] {
  const known = ['status', ...tasks.map((task) => `${task.name}.status`)]
  return [
    ...(runAfter === undefined ? [] : [`task ${name}: is in finally, and waits for others`]),
    ...statuses(params)
      .filter(({ rest }) => !known.includes(rest))
      .map(({ text }) => `task ${name}: ${text} names no task`),
  ]
}

function statuses(params: PipelineTask['params']): readonly Reference[] {
  const found = texts(params).flatMap(({ text }) => references(text))
  return found.filter(({ root, rest }) => root === 'tasks' && /(?:^|\.)status$/.test(rest))
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
