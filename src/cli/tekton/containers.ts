import { usage } from '../errors.ts'
import { containerEnvironment, expand, type Variable } from './expansion.ts'
import type { Runnable, Step } from './resource.ts'
import { type Params, paramReplacements, type Replacements, stringReplacements, substitute, substituteElement } from './substitution.ts'
import { refuseReferences } from './validation.ts'

export interface Bindings {
  readonly params: Params
  /** Paths on this machine, by workspace. */
  readonly workspaces: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Where this machine keeps what is under /tekton in a pod. */
  readonly tekton: string
}

/** A step's container as the runtime starts it. */
export interface Container {
  readonly name: string
  readonly argv: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly workingDir: string
  readonly onError: Step['onError']
}

/** What every pod finds in its environment, also with `enableServiceLinks: false`. */
const services = new Map([
  ['KUBERNETES_SERVICE_HOST', '10.96.0.1'],
  ['KUBERNETES_SERVICE_PORT', '443'],
])

/** The containers of a TaskRun: the controller's substitutions in its order (taskrun.go), then the kubelet's expansion. */
export function containers(task: Runnable, bindings: Bindings): readonly Container[] {
  const passes = [
    paramReplacements(withDefaults(task, bindings.params)),
    stringReplacements(Object.entries(contextOf(task))),
    stringReplacements(task.results.flatMap((name) => resultPaths(name, task, bindings))),
    stringReplacements(
      task.steps.map(({ name }) => [`steps.step-${name}.exitCode.path`, `${bindings.tekton}/steps/step-${name}/exitCode`]),
    ),
    stringReplacements(workspacesOf(task, bindings)),
  ]
  return task.steps.map((step, place) => container(step, { passes, bindings, task, place: `steps[${place}]` }))
}

function withDefaults(task: Runnable, given: Params): Params {
  const missing = task.params.filter(({ name, default: value }) => given[name] === undefined && value === undefined)
  if (missing.length > 0)
    throw usage(`missing values for these params which have no default values: ${missing.map(({ name }) => name).join(' ')}`)
  const unknown = Object.keys(given).filter((name) => !task.params.some((param) => param.name === name))
  if (unknown.length > 0) throw usage(`the Task has no params ${unknown.join(' ')}`)
  return Object.fromEntries(task.params.map(({ name, default: value }) => [name, given[name] ?? value ?? '']))
}

function contextOf({ name }: Runnable): Readonly<Record<string, string>> {
  return {
    'context.taskRun.name': 'run-1',
    'context.task.name': name,
    'context.task.retry-count': '0',
    'context.taskRun.namespace': 'default',
    'context.taskRun.uid': '1',
  }
}

function resultPaths(name: string, { owner }: Runnable, { tekton }: Bindings): readonly (readonly [string, string])[] {
  const spellings = [`.${name}`, `["${name}"]`, `['${name}']`]
  return spellings.map((spelling) => [`${owner}results${spelling}.path`, `${tekton}/results/${name}`])
}

function workspacesOf(task: Runnable, { workspaces }: Bindings): readonly (readonly [string, string])[] {
  return task.workspaces.flatMap(({ name, optional }) => {
    const path = workspaces[name]
    if (path === undefined && !optional) throw usage(`bound workspaces did not match declared workspaces: ${name}`)
    return [
      [`workspaces.${name}.path`, path ?? ''],
      [`workspaces.${name}.bound`, String(path !== undefined)],
    ] as const
  })
}

interface Around {
  readonly passes: readonly Replacements[]
  readonly bindings: Bindings
  readonly task: Runnable
  /** `steps[0]` */
  readonly place: string
}

function container(step: Step, { passes, bindings, task, place }: Around): Container {
  const checked = (given: string, where: string): string => {
    refuseReferences(given, task, `${place}.${where}`)
    return given
  }
  const text = (given: string): string => passes.reduce(substitute, relocated(given, bindings))
  const elements = (given: readonly string[]): readonly string[] =>
    passes.reduce<readonly string[]>((list, pass) => list.flatMap((element) => substituteElement(element, pass)), given)
  const variables = step.env.flatMap((variable): Variable[] => {
    const reference = variable.valueFrom?.secretKeyRef
    if (reference === undefined) return [{ name: variable.name, value: checked(text(variable.value), `env[${variable.name}]`) }]
    const value = bindings.secrets[text(reference.name)]?.[text(reference.key)]
    if (value === undefined && reference.optional !== true) throw usage(`secret "${text(reference.name)}" not found`)
    return value === undefined ? [] : [{ name: variable.name, value, verbatim: true }]
  })
  const environment = containerEnvironment(variables, services)
  const list = (given: readonly string[], where: string): readonly string[] =>
    elements(given).map((element, index) => expand(checked(element, `${where}[${index}]`), environment))
  const argv = [...list(step.command, 'command'), ...list(step.args, 'args')]
  return { name: step.name, argv, environment, workingDir: text(step.workingDir), onError: step.onError }
}

/** Only what the Task itself says: a value of the user that looks like such a path stays as it is. */
function relocated(text: string, { tekton }: Bindings): string {
  return text.replace(/^\/tekton(?=\/|$)/, tekton)
}
