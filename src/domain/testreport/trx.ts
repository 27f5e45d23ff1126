import type { CaseCollector, TextReader } from './collector.ts'
import type { Status, TestCase } from './model.ts'
import { append } from './text.ts'
import { type Attributes, type XmlHandler, xmlReader } from './xml.ts'

/** Reads TRX, what `dotnet test --logger trx` writes (http://microsoft.com/schemas/VisualStudio/TeamTest/2010). */
export function trxReader(collector: CaseCollector): TextReader {
  return xmlReader(new TrxHandler(collector), {
    roots: ['TestRun'],
    depth: collector.limits.depth,
    fault: (...fault) => collector.fault(...fault),
  })
}

interface Result {
  readonly id: string
  readonly name: string
  readonly outcome: string
  readonly duration: number
  message: string
  stack: string
  /** Whether single results stand within it (data-driven tests), which are counted in its place. */
  outer: boolean
}

const statuses: Readonly<Record<string, Status>> = {
  Passed: 'passed',
  PassedButRunAborted: 'passed',
  Completed: 'passed',
  Warning: 'passed',
  NotExecuted: 'skipped',
  NotRunnable: 'skipped',
  Inconclusive: 'skipped',
  Pending: 'skipped',
  Failed: 'failed',
}

/** Where the text that we want stands. */
const wanted: Readonly<Record<string, 'message' | 'stack'>> = { Message: 'message', StackTrace: 'stack' }

/** What the test adapters write for each failed or skipped test, beside its result. */
const perTest = /\[(?:FAIL|SKIP)\]\s*$/

class TrxHandler implements XmlHandler {
  readonly #collector: CaseCollector
  /** Finished results, kept until the class names are known, which come after them. */
  readonly #results: Result[] = []
  readonly #open: Result[] = []
  readonly #classes = new Map<string, string>()
  #definition = ''
  #field: 'message' | 'stack' | undefined
  #failedRun = false
  #runInfo: string | undefined
  readonly #runErrors: string[] = []

  constructor(collector: CaseCollector) {
    this.#collector = collector
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'UnitTestResult') this.#openResult(attributes)
    else if (name === 'UnitTest') this.#definition = attributes['id'] ?? ''
    else if (name === 'TestMethod') this.#classes.set(this.#definition, attributes['className'] ?? '')
    else if (name === 'ResultSummary') this.#failedRun = !['Passed', 'Completed', 'Warning'].includes(attributes['outcome'] ?? 'Completed')
    else if (name === 'RunInfo' && attributes['outcome'] === 'Error') this.#runInfo = ''
    this.#field = wanted[name]
  }

  text(text: string): void {
    const limit = this.#collector.limits.message
    const result = this.#open.at(-1)
    if (this.#runInfo !== undefined) this.#runInfo = append(this.#runInfo, text, limit)
    else if (result !== undefined && this.#field !== undefined) result[this.#field] = append(result[this.#field], text, limit)
  }

  close(name: string): void {
    this.#field = undefined
    if (name === 'UnitTestResult') this.#closeResult()
    if (name === 'RunInfo') this.#closeRunInfo()
  }

  end(): void {
    const cases = [...this.#results, ...this.#open].map((result) => this.#caseOf(result))
    for (const found of cases) this.#collector.add(found)
    // A crash of the test host is known from the summary alone.
    const crashed = this.#failedRun && !cases.some(({ status }) => status === 'failed' || status === 'error')
    if (!crashed) return
    const message = this.#runErrors.join('\n') || 'the test run failed, but no test did'
    this.#collector.add({ suite: '', name: 'test run', status: 'error', duration: 0, message, scope: 'run' })
  }

  #openResult({ testId = '', testName = '(no name)', outcome = 'Failed', duration = '' }: Attributes): void {
    const outer = this.#open.at(-1)
    if (outer !== undefined) outer.outer = true
    this.#open.push({ id: testId, name: testName, outcome, duration: milliseconds(duration), message: '', stack: '', outer: false })
  }

  #closeResult(): void {
    const result = this.#open.pop()
    if (result !== undefined && !result.outer) this.#results.push(result)
  }

  #closeRunInfo(): void {
    const text = this.#runInfo?.trim() ?? ''
    this.#runInfo = undefined
    if (text !== '' && !perTest.test(text)) this.#runErrors.push(text)
  }

  #caseOf({ id, name, outcome, duration, message, stack }: Result): TestCase {
    const suite = this.#classes.get(id) ?? ''
    const status = statuses[outcome] ?? 'error'
    return {
      suite,
      // xUnit writes the class into the name as well.
      name: suite !== '' && name.startsWith(`${suite}.`) ? name.slice(suite.length + 1) : name,
      status,
      duration,
      message: message === '' && status === 'error' ? `outcome ${outcome}` : message,
      ...(status === 'passed' ? {} : { details: `${message}\n${stack}` }),
    }
  }
}

/** `hh:mm:ss.fffffff`, days before it and a dot in between when there are any. */
function milliseconds(duration: string): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(duration) ?? []
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return Math.round(total * 1_000_000) / 1000
}
