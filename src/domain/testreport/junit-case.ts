import type { Attempt, Status, TestCase } from './model.ts'
import { leadOf } from './text.ts'
import type { Attributes } from './xml.ts'

/** What an element within a test says: how it ended, or how another run of it did. */
export type OutcomeKind = 'failed' | 'error' | 'skipped' | 'other-failed' | 'other-error'

export interface Outcome {
  readonly kind: OutcomeKind
  readonly message: string | undefined
  readonly type: string | undefined
  text: string
}

/** One `<testcase>` while it is read. */
export class JUnitCase {
  readonly outcomes: Outcome[] = []
  readonly wholeSuite: boolean
  readonly #attributes: Attributes
  readonly #suites: readonly { readonly name: string; readonly file: string | undefined }[]

  constructor(attributes: Attributes, suites: readonly { readonly name: string; readonly file: string | undefined }[], wholeSuite = false) {
    this.#attributes = attributes
    this.#suites = [...suites]
    this.wholeSuite = wholeSuite
  }

  finish(): TestCase {
    const { name = '(no name)', file = this.#suites.findLast((suite) => suite.file !== undefined)?.file, time } = this.#attributes
    const status = this.#status()
    const bad = this.outcomes.filter(({ kind }) => kind === 'failed' || kind === 'error')
    const said = status === 'skipped' ? this.outcomes.filter(({ kind }) => kind === 'skipped') : bad
    const attempts = this.outcomes.filter(({ kind }) => kind.startsWith('other-')).map(attemptOf)
    return {
      suite: this.#suite(),
      name: name.trim(),
      status,
      duration: milliseconds(time),
      file,
      line: this.#line(),
      message: said.map(messageOf).find((message) => message !== undefined && message !== 'true'),
      ...(status === 'skipped' ? {} : { details: bad.map(({ text }) => unwrapped(text.trim())).join('\n\n') }),
      ...(attempts.length === 0 ? {} : { attempts }),
      ...(this.wholeSuite || this.#standsForSuite(status) ? { scope: 'suite' as const } : {}),
    }
  }

  #status(): Status {
    const has = (kind: OutcomeKind): boolean => this.outcomes.some((outcome) => outcome.kind === kind)
    // `node --test` gives a test that is `todo` and fails both elements.
    if (this.outcomes.some(({ kind, type }) => kind === 'skipped' && type === 'todo')) return 'skipped'
    if (has('failed')) return 'failed'
    if (has('error')) return 'error'
    // GoogleTest and CTest say it in an attribute.
    const unrun = ['notrun', 'disabled', 'skipped'].includes(this.#attributes['status'] ?? '')
    return has('skipped') || unrun ? 'skipped' : 'passed'
  }

  #suite(): string {
    const { classname, class: phpClass, name } = this.#attributes
    // jest-junit repeats the name as the class.
    if (classname === name) return ''
    // `node --test` writes "test" for tests outside of any suite.
    if (classname === 'test' && this.#suites.length === 0) return ''
    const titles = this.#suites.map((suite) => suite.name.trim()).filter((title) => title !== '')
    return (classname ?? phpClass)?.trim() ?? titles.join(' › ')
  }

  #line(): number | undefined {
    const { line } = this.#attributes
    if (!/^\d{1,7}$/.test(line ?? '')) return undefined
    // pytest's xunit1 counts from 0, all others from 1.
    return Number(line) + (this.#suites.at(-1)?.name === 'pytest' ? 1 : 0)
  }

  /** How jest-junit, vitest and pytest say that a file could not even be loaded. */
  #standsForSuite(status: Status): boolean {
    const { classname, name } = this.#attributes
    if (status !== 'failed' && status !== 'error') return false
    return classname === 'Test suite failed to run' || name === this.#suites.at(-1)?.name || (status === 'error' && classname === '')
  }
}

function attemptOf(outcome: Outcome): Attempt {
  return { status: outcome.kind === 'other-error' ? 'error' : 'failed', message: messageOf(outcome), details: outcome.text }
}

/** `node --test` wraps the error of the test into one of its own, with a stack trace that misleads. */
function unwrapped(text: string): string {
  const cause = /^\[?Error \[ERR_TEST_FAILURE\]/.test(text) ? text.indexOf('\n  cause: ') : -1
  return cause < 0 ? text : text.slice(cause + '\n  cause: '.length).replace(/^ {2}/gm, '')
}

function messageOf({ message, type, text }: Outcome): string | undefined {
  return [message, leadOf(text), type].find((candidate) => candidate !== undefined && candidate.trim() !== '')
}

/** Seconds as tools write them: `0.25`, `1,234.5` (surefire), `1,5` (a German locale). */
function milliseconds(time: string | undefined): number {
  const text = (time ?? '').trim()
  const seconds = Number(/^\d{1,3}(?:,\d{3})+\.\d+$/.test(text) ? text.replaceAll(',', '') : text.replace(',', '.'))
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1_000_000) / 1000 : 0
}
