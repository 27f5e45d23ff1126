import { load } from 'js-yaml'

/** A use of a task that a page shows: which, where, and the inputs that it gives. */
export interface Example {
  readonly host: 'github' | 'task' | 'step-action' | 'command' | 'pipeline'
  readonly task: string
  readonly inputs: readonly string[]
}

/** The uses of our tasks in the code blocks of a Markdown text. @throws for a block of YAML that is none */
export function examples(markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, language, code = '']) => {
    if (language === 'yaml') return yamlExamples(load(code))
    return language === 'sh' ? commandExamples(code) : []
  })
}

function yamlExamples(value: unknown): readonly Example[] {
  if (typeof value !== 'object' || value === null) return []
  const node = value as Readonly<Record<string, unknown>>
  const [, action] = /^slipway-ci\/slipway\/actions\/([a-z-]+)@/.exec(String(node['uses'])) ?? []
  const [installed, step] = [resourceOf(node['taskRef']), resourceOf(node['ref'])]
  return [
    ...(action === undefined ? [] : [{ host: 'github', task: action, inputs: keys(node['with']) } as const]),
    ...(installed === undefined ? [] : [{ host: 'task', task: installed, inputs: paramNames(node['params']) } as const]),
    ...(step === undefined ? [] : [{ host: 'step-action', task: step, inputs: paramNames(node['params']) } as const]),
    ...(Array.isArray(node['tasks']) ? node['tasks'].flatMap(pipelineExample) : []),
    ...Object.values(node).flatMap(yamlExamples),
  ]
}

function resourceOf(reference: unknown): string | undefined {
  const name = typeof reference === 'object' && reference !== null && 'name' in reference ? String(reference.name) : ''
  return /^slipway-(.+)$/.exec(name)?.[1]
}

/** An item of a pipeline file: `push`, or `push:` with inputs. A Tekton Pipeline's items have more keys than one. */
function pipelineExample(item: unknown): readonly Example[] {
  if (typeof item === 'string') return [{ host: 'pipeline', task: item, inputs: [] }]
  const [task, more] = keys(item)
  if (task === undefined || more !== undefined) return []
  return [{ host: 'pipeline', task, inputs: keys((item as Readonly<Record<string, unknown>>)[task]) }]
}

function commandExamples(code: string): readonly Example[] {
  const lines = code.replaceAll('\\\n', ' ').split('\n')
  return lines.flatMap((line) => {
    const [, task, rest = ''] = /^\s*(?:\$ )?slipway ([a-z-]+)(.*)$/.exec(line) ?? []
    return task === undefined
      ? []
      : [{ host: 'command', task, inputs: [...rest.matchAll(/\s--([a-z-]+)/g)].map(([, name = '']) => name) } as const]
  })
}

function keys(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function paramNames(params: unknown): readonly string[] {
  return Array.isArray(params) ? params.map((param: { readonly name?: unknown }) => String(param.name)) : []
}
