import type { CaseCollector, TextReader } from './collector.ts'
import { type GoEvent, parseGoEvent } from './go-event.ts'
import type { Status, TestCase } from './model.ts'
import { append, type LineHandler, lineReader } from './text.ts'

/** Reads `go test -json`: tests and subtests by package, packages that do not build, panics, tests that never end. */
export function goReader(collector: CaseCollector): TextReader {
  return lineReader(new GoStream(collector))
}

interface Running {
  output: string
  /** Whether it has subtests, and whether one of them failed: a test with subtests is a suite. */
  parent: boolean
  failedBelow: boolean
}

interface Package {
  output: string
  failed: boolean
  readonly running: Map<string, Running>
}

const ends: Readonly<Record<string, Status>> = { pass: 'passed', fail: 'failed', skip: 'skipped', bench: 'passed' }

class GoStream implements LineHandler {
  readonly #collector: CaseCollector
  readonly #packages = new Map<string, Package>()
  /** Compiler output by import path. */
  readonly #builds = new Map<string, string>()
  #events = 0
  #broken: number | undefined
  #number = 0

  constructor(collector: CaseCollector) {
    this.#collector = collector
  }

  line(line: string): void {
    this.#number += 1
    const event = parseGoEvent(line)
    if (event === undefined) {
      if (/^\{"(?:Time|Action|Package|ImportPath)"/.test(line)) this.#broken ??= this.#number
      return
    }
    this.#events += 1
    if (event.Action === 'build-output') this.#keepBuild(event)
    else if (event.Test !== '') this.#test(event)
    else if (event.Package !== '') this.#package(event)
  }

  end(): void {
    if (this.#events === 0) this.#collector.fault('empty', 'has no event of `go test -json`')
    if (this.#broken !== undefined) this.#collector.fault('malformed', 'has a line that is cut or no event', this.#broken)
    for (const [name, found] of this.#packages) {
      this.#endPackage(name, found, '')
      this.#collector.fault('truncated', `ends before package ${name} does`)
    }
  }

  #keepBuild({ ImportPath, Output }: GoEvent): void {
    this.#builds.set(ImportPath, append(this.#builds.get(ImportPath) ?? '', Output, this.#collector.limits.message))
  }

  #test({ Action, Package, Test, Output, Elapsed }: GoEvent): void {
    const found = this.#open(Package)
    const { running } = found
    const end = ends[Action]
    if (Action === 'run' || (end !== undefined && !running.has(Test))) this.#start(running, Test)
    const test = running.get(Test)
    // Output that comes after the end of its test tells about the package.
    if (Action === 'output') (test ?? found).output = append((test ?? found).output, Output, this.#collector.limits.message)
    if (end === undefined || test === undefined) return
    running.delete(Test)
    this.#endTest(Package, Test, { test, status: end, seconds: Elapsed })
  }

  #start(running: Map<string, Running>, name: string): void {
    running.set(name, { output: '', parent: false, failedBelow: false })
    // A subtest's own name may contain slashes: its parent is the longest beginning that runs.
    for (const outer of outerNames(name)) {
      const parent = running.get(outer)
      if (parent !== undefined) parent.parent = true
    }
  }

  #endTest(name: string, testName: string, { test, status, seconds }: { test: Running; status: Status; seconds: number }): void {
    const found = this.#open(name)
    if (status === 'failed') {
      found.failed = true
      for (const outer of outerNames(testName)) {
        const parent = found.running.get(outer)
        if (parent !== undefined) parent.failedBelow = true
      }
    }
    if (test.parent && (status !== 'failed' || test.failedBelow)) return
    this.#collector.add({ suite: name, name: testName, status, duration: seconds * 1000, ...explained(test.output, status) })
  }

  #package(event: GoEvent): void {
    const found = this.#open(event.Package)
    if (event.Action === 'output') found.output = append(found.output, event.Output, this.#collector.limits.message)
    if (ends[event.Action] === undefined) return
    this.#endPackage(event.Package, found, event.Action === 'fail' ? this.#reasonOf(event, found) : undefined)
    this.#packages.delete(event.Package)
  }

  #reasonOf({ FailedBuild }: GoEvent, { output }: Package): string {
    return (this.#builds.get(FailedBuild) ?? output) || 'the package failed'
  }

  /** Tests that still run when their package ends were ended by a panic or an exit elsewhere in it. */
  #endPackage(name: string, found: Package, failure: string | undefined): void {
    for (const [testName, { output, parent, failedBelow }] of found.running) {
      if (parent && failedBelow) continue
      found.failed = true
      const lines = said(output)
      const message = panicOf(lines) ?? 'the test did not end: a panic, an exit or a kill stopped its package'
      this.#collector.add({ suite: name, name: testName, status: 'error', duration: 0, message, details: lines.join('\n') })
    }
    if (found.failed || failure === undefined || failure === '') return
    const message = said(failure)[0] ?? failure.trim()
    this.#collector.add({ suite: name, name: 'package', status: 'error', duration: 0, message, details: failure, scope: 'suite' })
  }

  #open(name: string): Package {
    const known = this.#packages.get(name)
    if (known !== undefined) return known
    const found: Package = { output: '', failed: false, running: new Map() }
    this.#packages.set(name, found)
    return found
  }
}

/** `A/b/c` → `A/b`, `A`. */
function* outerNames(name: string): Generator<string> {
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) yield name.slice(0, slash)
}

function explained(output: string, status: Status): Pick<TestCase, 'message' | 'details'> {
  if (status === 'passed') return {}
  const lines = said(output)
  const message = panicOf(lines) ?? firstRemark(lines)
  return { message, ...(status === 'skipped' ? {} : { details: lines.join('\n') }) }
}

function panicOf(lines: readonly string[]): string | undefined {
  return lines.find((line) => line.startsWith('panic: '))
}

/** The first `file_test.go:12: remark` without its place, with the lines that belong to it. */
function firstRemark(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => /^\s*[\w.-]+\.go:\d+: /.test(line))
  if (start < 0) return lines[0]?.trim()
  const more = lines.slice(start + 1)
  const end = more.findIndex((line) => !/^\s{8}/.test(line))
  const [first = '', ...rest] = [lines[start], ...(end < 0 ? more : more.slice(0, end))]
  return [first.replace(/^\s*[\w.-]+\.go:\d+: /, ''), ...rest.map((line) => line.trim())].join('\n')
}

/** What a test printed, without what the test runner says about it. */
function said(output: string): string[] {
  return output.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:=== |--- (?:FAIL|PASS|SKIP)|FAIL\b.*|# )/.test(line))
}
