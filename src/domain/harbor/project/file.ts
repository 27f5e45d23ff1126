import * as v from 'valibot'
import { describeUnknown, suggest } from '../../../base/suggest.ts'
import { isYamlFault, type Node, parseYaml } from '../../../base/yaml.ts'
import { harborProjectFile } from './errors.ts'
import type { Secrets } from './kind.ts'
import { type ProjectFile, projectFileSchema } from './schema.ts'
import { wordsAt } from './schema-words.ts'
import { sharedPlaces } from './secret-places.ts'

type Path = readonly (string | number)[]

/** A file that was read, and where its values stand. */
export interface ReadFile {
  /** For messages: as it was given. */
  readonly name: string
  readonly file: ProjectFile
  /** By the names that the file uses. */
  readonly secrets: Secrets
  /** The line of a value, or of the nearest that holds it. */
  lineOf(path: Path): number
}

interface Fault {
  readonly line: number
  readonly path: Path
  readonly what: string
}

const limits = { characters: 8 * 2 ** 20, nodes: 500_000, shownFaults: 20 }

/** Reads a file of projects. @throws SW-HARBOR-PROJECT-FILE with all its faults, each by line and path */
export function parseProjectFile(text: string, name: string, secrets: Secrets = new Map()): ReadFile {
  if (text.length > limits.characters) throw harborProjectFile(`${name} has ${text.length} letters, expected at most ${limits.characters}.`)
  const root = parseYaml(text, limits.nodes)
  if (isYamlFault(root)) throw refusal(name, [{ line: root.line, path: [], what: root.what }])
  if (root === undefined) throw refusal(name, [{ line: 1, path: [], what: 'is empty, expected `projects:`' }])
  const lineOf = (path: Path): number => lineAt(root, path)
  const named: Fault[] = []
  const data = dataOf(root, { path: [], faults: named })
  const unknown = unknownSecrets(data, secrets, []).map((fault) => ({ ...fault, line: lineOf(fault.path) }))
  const faults = [...named, ...unknown]
  const parsed = v.safeParse(projectFileSchema, data)
  const issues = parsed.success ? [] : parsed.issues.map((issue) => faultOf(issue, lineOf))
  const shared = parsed.success ? sharedPlaces(parsed.output).map((fault) => ({ ...fault, line: lineOf(fault.path) })) : []
  const all = [...faults, ...issues, ...shared]
  if (!parsed.success || all.length > 0) throw refusal(name, all)
  return { name, file: parsed.output, secrets, lineOf }
}

function refusal(name: string, faults: readonly Fault[]): Error {
  const sorted = faults.toSorted((a, b) => a.line - b.line)
  const lines = sorted
    .slice(0, limits.shownFaults)
    .map(({ line, path, what }) => `  line ${line}  ${[pathText(path), what].join(' ').trim()}`)
  const more = sorted.length > limits.shownFaults ? [`  and ${sorted.length - limits.shownFaults} more`] : []
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  return harborProjectFile([`${name} cannot be used, ${count}:`, ...lines, ...more].join('\n'), { safe: 'nothing was changed' })
}

/** `projects.shop.members["a.b"]` */
export function pathText(path: Path): string {
  const parts = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
  })
  return parts.join('').replace(/^\./, '')
}

/** Plain words that YAML has types for; what is quoted is a text. A key that every object has is refused: a schema cannot see it. */
function dataOf(node: Node, { path, faults }: { readonly path: Path; readonly faults: Fault[] }): unknown {
  if (node.kind === 'scalar') return node.empty ? null : node.isPlain ? typed(node.text) : node.text
  if (node.kind === 'list') return node.items.map((item, place) => dataOf(item, { path: [...path, place], faults }))
  const entries = node.entries.map(({ name, line, value }) => {
    const below = [...path, name]
    if (name in Object.prototype) faults.push({ line, path: below, what: 'has a name that every object has' })
    return [name, dataOf(value, { path: below, faults })] as const
  })
  return Object.fromEntries(entries)
}

/** Every `{ secret: NAME }` must be known before anything is asked of Harbor. */
function unknownSecrets(data: unknown, secrets: Secrets, path: Path): readonly Omit<Fault, 'line'>[] {
  if (typeof data !== 'object' || data === null) return []
  if (Array.isArray(data)) return data.flatMap((item, place) => unknownSecrets(item, secrets, [...path, place]))
  const named: unknown = Reflect.get(data, 'secret')
  if (Object.keys(data).length === 1 && typeof named === 'string')
    return secrets.has(named)
      ? []
      : [{ path, what: `names the secret ${JSON.stringify(named)}, which the input \`secrets\` does not have` }]
  return Object.entries(data).flatMap(([key, value]) => unknownSecrets(value, secrets, [...path, key]))
}

function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text
}

function lineAt(root: Node, path: Path): number {
  let [node, line]: [Node | undefined, number] = [root, root.line]
  for (const part of path) {
    const next = below(node, part)
    node = next?.value
    line = next?.line ?? line
  }
  return line
}

function below(node: Node | undefined, part: string | number): { readonly value: Node; readonly line: number } | undefined {
  if (node?.kind === 'map') return node.entries.find(({ name }) => name === part)
  const item = node?.kind === 'list' && typeof part === 'number' ? node.items[part] : undefined
  return item === undefined ? undefined : { value: item, line: item.line }
}

function faultOf(issue: v.BaseIssue<unknown>, lineOf: ReadFile['lineOf']): Fault {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  return { line: lineOf(path), path, what: whatIs(issue, path) }
}

function whatIs(issue: v.BaseIssue<unknown>, path: Path): string {
  const { type, kind, received, expected, input } = issue
  // Whoever writes a secret itself here has told it to one file already, and not to the log.
  if (type === 'strict_object' && typeof input === 'string' && wordsAt(projectFileSchema, path).includes('secret'))
    return 'is a text, expected { secret: NAME } and its value in the input `secrets`'
  if (type === 'strict_object' && expected === 'never')
    return describeUnknown(String(path.at(-1)), { kind: 'known here', known: wordsAt(projectFileSchema, path.slice(0, -1)) })
  if (received === 'undefined') return 'is missing'
  if (type === 'picklist') {
    const known = wordsAt(projectFileSchema, path)
    const meant = typeof input === 'string' ? suggest(input, known) : undefined
    return `is ${received}, expected one of ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`
  }
  // A map may hold a secret that was written into it.
  if (type === 'union' && typeof input === 'object' && input !== null)
    return `has ${Object.keys(input).join(', ') || 'nothing'}, expected the keys of one kind: ${wordsAt(projectFileSchema, path).join(', ')}`
  const seen = typeof input === 'object' && input !== null ? 'another' : (JSON.stringify(input)?.slice(0, 100) ?? received)
  return `is ${seen}, ${kind === 'schema' ? `expected ${expected}` : issue.message}`
}
