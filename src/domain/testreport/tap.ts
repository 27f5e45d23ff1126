import type { CaseCollector, TextReader } from './collector.ts'
import { Unreadable } from './limits.ts'
import { isBad, type TestCase } from './model.ts'
import { parseDiagnostic } from './tap-diagnostic.ts'
import { type Directive, parseTapLine, type TapLine } from './tap-line.ts'
import { type LineHandler, lineReader } from './text.ts'

/** Reads TAP 13 and 14 with subtests, YAML diagnostics, TODO, SKIP, plans and `Bail out!`. A point that has subtests is a suite. */
export function tapReader(collector: CaseCollector): TextReader {
  return lineReader(new TapStream(collector))
}

interface Point {
  readonly ok: boolean
  readonly name: string
  readonly directive: Directive | undefined
  readonly below: Level | undefined
  readonly yaml: string[]
  readonly comments: string[]
}

/** One depth of indentation, four spaces each. */
interface Level {
  planned: number | undefined
  seen: number
  /** Tests of finished subtests, until the point that names them comes. */
  readonly cases: TestCase[]
  /** The last point, until it is known that no diagnostic follows. */
  point: Point | undefined
  /** Announced by `# Subtest:`. */
  title: string | undefined
}

const linesOfDiagnostic = 10_000

class TapStream implements LineHandler {
  readonly #collector: CaseCollector
  readonly #levels: Level[] = [newLevel()]
  /** The diagnostic that is being read, and its indentation. */
  #yaml: { readonly indent: number; readonly lines: string[] } | undefined
  #started = false
  #bailed = false

  constructor(collector: CaseCollector) {
    this.#collector = collector
  }

  line(line: string): void {
    const body = line.trimStart()
    if (this.#bailed || body === '') return
    const indent = line.length - body.length
    if (this.#inDiagnostic(line, indent)) return
    const found = parseTapLine(body.trimEnd())
    if (found !== undefined && indent % 4 === 0) this.#take(found, indent / 4)
  }

  end(): void {
    const [root] = this.#levels
    if (root === undefined) return
    this.#foldTo(0)
    this.#finishPoint(root, 0)
    if (this.#bailed) return
    if (!this.#started) this.#collector.fault('empty', 'has no line of TAP')
    else if (root.planned === undefined) this.#collector.fault('truncated', `ends after ${root.seen} tests without a plan (1..N)`)
    else this.#checkPlan(root, undefined)
  }

  /** Whether the line belongs to the YAML block of the last point. */
  #inDiagnostic(line: string, indent: number): boolean {
    const point = this.#levels.at(-1)?.point
    const pointIndent = (this.#levels.length - 1) * 4
    if (this.#yaml === undefined) {
      if (point === undefined || line.trim() !== '---' || indent <= pointIndent || indent >= pointIndent + 4) return false
      this.#yaml = { indent, lines: point.yaml }
      return true
    }
    if (indent < this.#yaml.indent) {
      this.#yaml = undefined
      return false
    }
    const text = line.slice(this.#yaml.indent)
    if (text.trimEnd() === '...') this.#yaml = undefined
    else if (this.#yaml.lines.length < linesOfDiagnostic) this.#yaml.lines.push(text)
    return true
  }

  #take(line: TapLine, depth: number): void {
    if (line.kind === 'comment') {
      const comments = this.#levels[depth]?.point?.comments ?? []
      if (comments.length < linesOfDiagnostic) comments.push(line.text)
      return
    }
    if (depth > this.#collector.limits.depth) throw new Unreadable('limit', `has subtests more than ${this.#collector.limits.depth} deep`)
    this.#started = true
    if (line.kind === 'bail') this.#bail(line.reason)
    if (line.kind === 'bail' || line.kind === 'version') return
    const level = this.#enter(depth, line.kind === 'point')
    if (line.kind === 'plan') level.planned = line.count
    if (line.kind === 'subtest') level.title = line.name
    if (line.kind === 'point') this.#openPoint(level, line, depth)
  }

  /** Makes a depth the current one. The one below it stays only for the point that it belongs to. */
  #enter(depth: number, keepBelow: boolean): Level {
    while (this.#levels.length <= depth) {
      const level = this.#levels.at(-1)
      if (level !== undefined) this.#finishPoint(level, this.#levels.length - 1)
      this.#levels.push(newLevel())
    }
    this.#foldTo(keepBelow ? depth + 1 : depth)
    return this.#levels[depth] ?? newLevel()
  }

  /** Closes the deeper levels; their tests go up under the title that was announced. */
  #foldTo(depth: number): void {
    while (this.#levels.length > depth + 1) {
      const below = this.#levels.pop()
      const level = this.#levels.at(-1)
      if (below === undefined || level === undefined) return
      this.#finishPoint(below, this.#levels.length)
      this.#give(level, this.#levels.length - 1, under(level.title ?? '', below.cases))
    }
  }

  #openPoint(level: Level, { ok, name, directive }: Extract<TapLine, { kind: 'point' }>, depth: number): void {
    this.#finishPoint(level, depth)
    const below = this.#levels.length > depth + 1 ? this.#levels.pop() : undefined
    if (below !== undefined) this.#finishPoint(below, depth + 1)
    level.seen += 1
    level.title = undefined
    level.point = { ok, name, directive, below, yaml: [], comments: [] }
  }

  #finishPoint(level: Level, depth: number): void {
    const { point } = level
    level.point = undefined
    if (point === undefined) return
    const { below } = point
    if (below !== undefined) {
      this.#checkPlan(below, point.name)
      this.#give(level, depth, under(point.name, below.cases))
    }
    // A suite counts only when it has failed by itself: in a hook, or before its first test.
    const counts = below === undefined || (!point.ok && !below.cases.some(isBad) && point.directive?.kind !== 'todo')
    if (counts) this.#give(level, depth, [caseOf(point)])
  }

  #give(level: Level, depth: number, cases: readonly TestCase[]): void {
    if (depth > 0) for (const found of cases) level.cases.push(found)
    else for (const found of cases) this.#collector.add(found)
  }

  #checkPlan({ planned, seen }: Level, suite: string | undefined): void {
    if (planned === undefined || planned === seen) return
    this.#collector.fault('mismatch', `plans ${planned} tests${suite === undefined ? '' : ` in "${suite}"`}, but ${seen} came`)
  }

  #bail(reason: string): void {
    this.#foldTo(0)
    const [root] = this.#levels
    if (root !== undefined) this.#finishPoint(root, 0)
    this.#collector.add({ suite: '', name: 'Bail out!', status: 'error', duration: 0, message: reason || 'no reason given', scope: 'run' })
    this.#bailed = true
  }
}

function newLevel(): Level {
  return { planned: undefined, seen: 0, cases: [], point: undefined, title: undefined }
}

function under(title: string, cases: readonly TestCase[]): TestCase[] {
  if (title === '') return [...cases]
  return cases.map((found) => ({ ...found, suite: found.suite === '' ? title : `${title} › ${found.suite}` }))
}

function caseOf({ ok, name, directive, yaml, comments, below }: Point): TestCase {
  const { message, details, file, line, duration } = yaml.length === 0 ? { details: comments.join('\n') } : parseDiagnostic(yaml)
  const skipped = directive?.kind === 'skip' || directive?.kind === 'todo'
  const status = skipped ? 'skipped' : ok ? 'passed' : 'failed'
  return {
    suite: '',
    name: name === '' ? '(no name)' : name,
    status,
    duration: duration ?? (directive?.kind === 'time' ? millisecondsOf(directive.text) : 0),
    file,
    line,
    ...(status === 'failed' ? { message: message ?? comments[0], details } : {}),
    ...(skipped ? { message: directive.text } : {}),
    ...(below !== undefined && !ok ? { scope: 'suite' as const } : {}),
  }
}

/** `2.99ms` or `1.2s`, as node-tap writes it. */
function millisecondsOf(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? []
  return amount === undefined ? 0 : Number(amount) * (unit === 's' ? 1000 : 1)
}
