import { describeUnknown } from '../base/suggest.ts'
import { isYamlFault, type Node, parseYaml } from '../base/yaml.ts'
import type { Fault } from './step.ts'

/** What one place of the file asks for. */
export interface Item {
  readonly name: string
  readonly where: string
  readonly inputs: readonly { readonly name: string; readonly where: string; readonly node: Node }[]
}

/** The tasks of a file's text, in their order; what cannot be read is added to the faults. */
export function itemsOf(text: string, faults: Fault[]): Item[] {
  const root = parseYaml(text)
  const refused = (line: number, subject: string, what: string): Item[] => {
    faults.push({ where: `line ${line}`, subject, what })
    return []
  }
  if (isYamlFault(root)) return refused(root.line, 'the file', root.what)
  if (root?.kind !== 'map') return refused(root?.line ?? 1, 'the file', 'is empty or no map, expected `tasks:` and a list')
  for (const { name, line } of root.entries) {
    if (name !== 'tasks') refused(line, name, describeUnknown(name, { kind: 'known here', known: ['tasks'] }))
  }
  const tasks = root.entries.find(({ name }) => name === 'tasks')
  if (tasks?.value.kind !== 'list') return refused(tasks?.line ?? 1, 'tasks', 'is missing or no list, expected the tasks in their order')
  if (tasks.value.items.length === 0) return refused(tasks.line, 'tasks', 'is empty, expected at least one task')
  return tasks.value.items.flatMap(
    (node) => itemOf(node) ?? refused(node.line, 'tasks', 'has an item that is neither a name nor `name:` with its inputs'),
  )
}

function itemOf(node: Node): Item | undefined {
  if (node.kind === 'scalar') return { name: node.text, where: `line ${node.line}`, inputs: [] }
  const [entry, second] = node.kind === 'map' ? node.entries : []
  if (entry === undefined || second !== undefined) return undefined
  const where = `line ${entry.line}`
  if (entry.value.kind === 'scalar' && entry.value.empty) return { name: entry.name, where, inputs: [] }
  if (entry.value.kind !== 'map') return undefined
  return {
    name: entry.name,
    where,
    inputs: entry.value.entries.map(({ name, line, value }) => ({ name, where: `line ${line}`, node: value })),
  }
}
