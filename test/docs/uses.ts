import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { load } from 'js-yaml'
import { kebab } from '../../src/base/names.ts'
import { modeFlags } from '../../src/cli/modes.ts'
import { root } from '../../src/pipeline/root.ts'
import type { Definition } from '../../src/spec/define.ts'
import { tasks } from '../../src/tasks/registry.ts'
import { examples } from '../contract/examples.ts'
import { yamlBlocks } from './pages.ts'

const repository = dirname(dirname(import.meta.dirname))
const definitions = new Map(tasks.map(({ definition }) => [definition.name, definition]))
const commands = ['run', 'resume', 'registry', 'keys', 'conformance', 'explain', 'help']

interface Resource {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly params?: readonly { readonly name: string }[] }
}

const resources = (folder: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    globSync(`tekton/${folder}/*.yaml`, { cwd: repository }).map((path) => {
      const { metadata, spec } = load(readFileSync(join(repository, path), 'utf8')) as Resource
      return [metadata.name, (spec.params ?? []).map(({ name }) => name)]
    }),
  )
const tektonTasks = resources('tasks')
const stepActions = resources('stepactions')
const pipelines = resources('pipelines')

/** What a text uses of ours that there is not: tasks, inputs, outputs, parameters, flags. */
export function wrongUses(markdown: string): readonly string[] {
  const values = yamlBlocks(markdown).map((code) => load(code))
  return [
    ...examples(markdown).flatMap(({ host, task, inputs }) =>
      inputs.filter((input) => !isKnown(host, task, input)).map((input) => `${host}: ${task} has no ${input}`),
    ),
    ...examples(markdown).flatMap(({ host, task }) => (isThere(host, task) ? [] : [`${host}: there is no ${task}`])),
    ...values.flatMap(wrongRoot),
    ...values.flatMap(wrongParams),
    ...yamlBlocks(markdown).flatMap(wrongOutputs),
    ...[...markdown.matchAll(/(?<![\w-])--([a-z-]+)\.([a-z-]+)/g)].flatMap(([flag, task = '', input = '']) =>
      hasInput(task, input.replace(/-from-env$/, '')) ? [] : [`no flag ${flag}`],
    ),
  ]
}

type Host = ReturnType<typeof examples>[number]['host']

function isThere(host: Host, task: string): boolean {
  if (host === 'task') return tektonTasks.has(`slipway-${task}`)
  if (host === 'step-action') return stepActions.has(`slipway-${task}`)
  return definitions.has(task) || (host === 'command' && commands.includes(task))
}

function isKnown(host: Host, task: string, input: string): boolean {
  // What there is not is told once, and the flags of other commands are told by themselves.
  if (!isThere(host, task) || (host === 'command' && !definitions.has(task))) return true
  if (host === 'task') return tektonTasks.get(`slipway-${task}`)?.includes(input) === true
  if (host === 'step-action') return stepActions.get(`slipway-${task}`)?.includes(input) === true
  const isFlag = host === 'command' && ['help', ...modeFlags.map(({ name }) => name)].includes(input)
  return isFlag || hasInput(task, host === 'command' ? input.replace(/-from-env$/, '') : input)
}

function hasInput(task: string, input: string): boolean {
  return names(definitions.get(task)?.inputs).includes(input)
}

/** Uses of the root action, and what their `with` hands to tasks. */
function wrongRoot(value: unknown): readonly string[] {
  return nodes(value).flatMap((node) => {
    if (!/^slipway-ci\/slipway@/.test(String(node['uses']))) return []
    const given = Object.keys((node['with'] ?? {}) as object).filter((input) => !names(root.inputs).includes(input))
    const handed = String((node['with'] as { with?: unknown } | undefined)?.with ?? '').matchAll(/^\s*([a-z-]+)\.([a-z-]+)=/gm)
    return [...given, ...[...handed].filter(([, task = '', input = '']) => !hasInput(task, input)).map(([line]) => line)].map(
      (input) => `the root action has no ${input}`,
    )
  })
}

/** Parameters of one of our Pipelines: of the one that a run names, or of any where a page shows parameters alone. */
function wrongParams(value: unknown): readonly string[] {
  const named = nodes(value).flatMap((node) => {
    const { name } = (node['pipelineRef'] ?? {}) as { readonly name?: string }
    if (name?.startsWith('slipway-') !== true) return []
    const known = pipelines.get(name)
    return known === undefined ? [`there is no Pipeline ${name}`] : paramsBut(known, node).map((param) => `${name} has no ${param}`)
  })
  const [alone] = nodes(value)
  const isFragment = alone !== undefined && alone === value && ['taskRef', 'ref', 'pipelineRef'].every((key) => alone[key] === undefined)
  return isFragment ? [...named, ...paramsBut([...pipelines.values()].flat(), alone).map((param) => `no Pipeline has ${param}`)] : named
}

function paramsBut(known: readonly string[], { params }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!Array.isArray(params)) return []
  return params.map(({ name }: { readonly name: string }) => name).filter((name) => !known.includes(name))
}

/** `steps.ID.outputs.NAME` of a step in the same block. */
function wrongOutputs(code: string): readonly string[] {
  const steps = new Map(
    nodes(load(code)).flatMap((node) => {
      const uses = /^slipway-ci\/slipway(?:\/actions\/([a-z-]+))?@/.exec(String(node['uses']))
      return uses === null || node['id'] === undefined ? [] : [[String(node['id']), uses[1]] as const]
    }),
  )
  return [...code.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([, id = '', output = '']) => {
    if (!steps.has(id)) return []
    const task = steps.get(id)
    const outputs = task === undefined ? root.outputs : definitions.get(task)?.outputs
    return names(outputs).includes(output) ? [] : [`${task ?? 'the root action'} gives no ${output}`]
  })
}

/** Every map in a value, itself too. */
function nodes(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : [value as Readonly<Record<string, unknown>>]
  return [...own, ...Object.values(value).flatMap(nodes)]
}

function names(declared: Definition['inputs'] | Definition['outputs'] | undefined): readonly string[] {
  return Object.keys(declared ?? {}).map(kebab)
}
