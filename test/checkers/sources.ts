/** A source file of ours: its path relative to the repository, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

interface Import {
  readonly from: string
  /** Relative to the repository, or the name of a package. */
  readonly to: string
  readonly isType: boolean
}

/** What each layer may import besides itself. Tasks see only themselves of their own layer. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  spec: ['base'],
  emit: ['spec', 'base'],
  host: ['spec', 'base'],
  io: ['spec', 'base'],
  domain: ['io', 'spec', 'base'],
  tasks: ['domain', 'io', 'spec', 'base'],
  report: ['tasks', 'domain', 'io', 'host', 'emit', 'spec', 'base'],
  pipeline: ['report', 'tasks', 'domain', 'io', 'host', 'emit', 'spec', 'base'],
  cli: ['pipeline', 'report', 'tasks', 'domain', 'io', 'host', 'emit', 'spec', 'base'],
}

interface Door {
  readonly what: string
  readonly pattern: RegExp
  readonly layers: readonly string[]
  /** The one file that may, of whatever layer. */
  readonly file?: string
}

/** Node's modules and globals, and the only layers that may touch them. */
const doors: readonly Door[] = [
  { what: 'the environment', pattern: /\bprocess\.env\b|\benv\b[^\n]*from 'node:process'/, layers: ['host'] },
  { what: 'the console', pattern: /\bconsole\./, layers: [] },
  { what: 'child processes', pattern: moduleImport('child_process'), layers: ['io'] },
  { what: 'the network', pattern: moduleImport('https?|http2|net|tls|dns|dns/promises|dgram'), layers: ['io'] },
  { what: 'the network', pattern: /(?<![.\w#])fetch\(/, layers: ['io'] },
  { what: 'the file system', pattern: moduleImport('fs|fs/promises'), layers: ['io', 'host'] },
  { what: 'running text as code', pattern: /\beval\(|\bnew Function\(|['"]node:vm['"]/, layers: [], file: 'src/host/compiled-code.ts' },
]

/** An import at the start of a line, or by a call: a program kept as a text imports for itself. */
function moduleImport(names: string): RegExp {
  return new RegExp(`(?:^(?:import|export)\\b[^=\`;]*?\\bfrom\\s*|^import\\s+|\\bimport\\(\\s*)['"](?:node:)?(?:${names})['"]`, 'm')
}

/** Every import that points to the right: a layer that may not be seen, or another task. */
export function layerViolations(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(imports).flatMap(({ from, to }) => {
    const [here, there] = [layerOf(from), layerOf(to)]
    if (here === undefined || there === undefined) return []
    if (here === there) return here === 'tasks' && isOtherTask(from, to) ? [`${from} → ${to}: a task sees no other task`] : []
    return layers[here]?.includes(there) === true ? [] : [`${from} → ${to}: ${here} may not see ${there}`]
  })
}

/** Every circle of imports, once, as the path that leads back. Types are gone when modules are loaded, and do not count. */
export function circles(sources: readonly Source[]): readonly string[] {
  const graph = new Map(sources.map((source) => [source.path, imports(source).flatMap(({ to, isType }) => (isType ? [] : [to]))]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (done.has(path) || trail.includes(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

/** Every use of something that only another layer may touch. */
export function doorViolations(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    doors
      .filter(({ file }) => file !== path)
      .filter(({ pattern, layers: allowed }) => pattern.test(withoutComments(text)) && !allowed.includes(layerOf(path) ?? ''))
      .map(
        ({ what, layers: allowed }) =>
          `${path}: ${what} ${allowed.length === 0 ? 'is for nobody' : `is for ${allowed.join(' and ')} only`}`,
      ),
  )
}

/** Every text that holds YAML: YAML is made of objects, by one writer. */
export function yamlTextViolations(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const texts = [...withoutComments(text).matchAll(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*\\n(?:[^'\\\n]|\\.)*'/gs)].map(([whole]) =>
      whole.slice(1, -1),
    )
    const yaml = texts.filter((one) => /(?:^|\n|\\n)\s*(?:- )?(?:apiVersion|kind|runs|spec|steps|inputs|metadata):(?:\s|\\n|$)/.test(one))
    return yaml.map((one) => `${path}: writes YAML as text: ${one.slice(0, 40)}`)
  })
}

/** Every emitter that knows a task by its name. */
export function namedTaskViolations(sources: readonly Source[], tasks: readonly string[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    tasks.filter((task) => new RegExp(`(['"\`])${task}\\1`).test(withoutComments(text))).map((task) => `${path}: names the task ${task}`),
  )
}

function imports({ path, text }: Source): readonly Import[] {
  const found = withoutComments(text).matchAll(/(?:\b(?:import|export)\s+(type\b)?[^'"`;=]*?\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\2/g)
  return [...found].map(([, type, , to = '']) => ({
    from: path,
    to: to.startsWith('.') ? resolve(path, to) : to,
    isType: type !== undefined,
  }))
}

function resolve(from: string, to: string): string {
  return new URL(to, `file:///${from}`).pathname.slice(1)
}

function layerOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

/** The registry is of all tasks; every other file is of one. */
function isOtherTask(from: string, to: string): boolean {
  const taskOf = (path: string): string | undefined => /^src\/tasks\/([^/]+)\//.exec(path)?.[1]
  return taskOf(from) !== undefined && taskOf(from) !== taskOf(to)
}

/** Good enough for sources of ours: no text of theirs holds what looks like the start of a comment but is none, except addresses. */
function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/(^|[\s;,{(])\/\/.*$/gm, '$1')
}
