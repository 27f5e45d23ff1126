import { type CaseCollector, clip, type TextReader } from './collector.ts'
import { JUnitCase, type Outcome, type OutcomeKind } from './junit-case.ts'
import { append } from './text.ts'
import { type Attributes, type XmlHandler, xmlReader } from './xml.ts'

/**
 * Reads JUnit XML in all its dialects: surefire with its reruns, Gradle, pytest (xunit1 and xunit2), jest-junit, mocha, vitest,
 * `node --test`, PHPUnit, GoogleTest. There is no standard; https://github.com/testmoapp/junitxml collects what is used.
 */
export function junitReader(collector: CaseCollector): TextReader {
  return xmlReader(new JUnitHandler(collector), {
    roots: ['testsuites', 'testsuite'],
    depth: collector.limits.depth,
    fault: (...fault) => collector.fault(...fault),
  })
}

interface Suite {
  readonly name: string
  readonly file: string | undefined
  /** Failures and errors that its attributes announce, and that its elements show. */
  readonly announced: number
  shown: number
}

const outcomes: Readonly<Record<string, OutcomeKind>> = {
  failure: 'failed',
  error: 'error',
  skipped: 'skipped',
  flakyFailure: 'other-failed',
  flakyError: 'other-error',
  rerunFailure: 'other-failed',
  rerunError: 'other-error',
}

/** Output of the tests: of no use for the result, and often most of the file. */
const ignored = new Set(['system-out', 'system-err', 'properties'])

class JUnitHandler implements XmlHandler {
  readonly #collector: CaseCollector
  readonly #suites: Suite[] = []
  #case: JUnitCase | undefined
  #outcome: Outcome | undefined
  #ignoring = 0

  constructor(collector: CaseCollector) {
    this.#collector = collector
  }

  open(name: string, attributes: Attributes): void {
    if (ignored.has(name)) this.#ignoring += 1
    else if (name === 'testsuite') this.#suites.push(suiteOf(attributes))
    else if (name === 'testcase') this.#case = new JUnitCase(attributes, this.#suites)
    else this.#openOutcome(outcomes[name], attributes)
  }

  text(text: string): void {
    if (this.#outcome === undefined || this.#ignoring > 0) return
    this.#outcome.text = append(this.#outcome.text, text, this.#collector.limits.message)
  }

  close(name: string): void {
    if (ignored.has(name)) this.#ignoring -= 1
    else if (name === 'testsuite') this.#closeSuite()
    else if (name === 'testcase') this.#closeCase()
    else if (outcomes[name] !== undefined) this.#closeOutcome()
  }

  /** A test that was open when the file ended has no result. */
  end(): void {
    this.#case?.outcomes.unshift({ kind: 'error', message: 'the report ends in the middle of this test', type: undefined, text: '' })
    this.#closeCase()
  }

  #openOutcome(kind: OutcomeKind | undefined, { message, type }: Attributes): void {
    if (kind === undefined) return
    this.#outcome = { kind, message, type, text: '' }
    if (kind !== 'skipped') for (const suite of this.#suites) suite.shown += 1
    this.#case ??= this.#suiteItself(kind)
    this.#case?.outcomes.push(this.#outcome)
  }

  /** A failure outside of any test is one of the suite. */
  #suiteItself(kind: OutcomeKind): JUnitCase | undefined {
    const suite = this.#suites.at(-1)
    return suite === undefined || kind === 'skipped' ? undefined : new JUnitCase({ name: suite.name }, this.#suites.slice(0, -1), true)
  }

  #closeOutcome(): void {
    this.#outcome = undefined
    if (this.#case?.wholeSuite) this.#closeCase()
  }

  #closeCase(): void {
    if (this.#case !== undefined) this.#collector.add(this.#case.finish())
    this.#case = undefined
    this.#outcome = undefined
  }

  #closeSuite(): void {
    const suite = this.#suites.pop()
    if (suite === undefined || suite.announced === 0 || suite.shown > 0) return
    this.#collector.fault('mismatch', `announces ${suite.announced} failures in suite "${clip(suite.name, 80)}", but lists none`)
    for (const outer of this.#suites) outer.shown += 1
  }
}

function suiteOf({ name = '', file, filepath, failures, errors }: Attributes): Suite {
  return { name, file: file ?? filepath, announced: count(failures) + count(errors), shown: 0 }
}

function count(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
}
