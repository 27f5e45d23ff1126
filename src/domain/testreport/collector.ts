import { stripVTControlCharacters } from 'node:util'
import { type Limits, Unreadable } from './limits.ts'
import type { Attempt, ReportFault, TestCase } from './model.ts'

/** Reads text piece by piece and gives what it finds to a {@link CaseCollector}. */
export interface TextReader {
  write(text: string): void
  /** Says that no more comes: what is still open is cut off. */
  end(): void
}

const nameLimit = 4096

/** Gathers the tests of one report within its limits, with terminal colours and carriage returns removed. */
export class CaseCollector {
  readonly cases: TestCase[] = []
  readonly faults: ReportFault[] = []
  readonly limits: Limits
  #textLeft: number

  constructor(limits: Limits) {
    this.limits = limits
    this.#textLeft = limits.text
  }

  /** @throws Unreadable when the report has more tests than allowed */
  add(found: TestCase): void {
    if (this.cases.length >= this.limits.cases) throw new Unreadable('limit', `has more than ${this.limits.cases} tests`)
    this.cases.push({
      ...found,
      ...this.#shorten(found),
      suite: clip(found.suite, nameLimit),
      name: clip(found.name, nameLimit),
      ...(found.attempts === undefined ? {} : { attempts: found.attempts.map((attempt) => ({ ...attempt, ...this.#shorten(attempt) })) }),
    })
  }

  fault(kind: ReportFault['kind'], message: string, line?: number): void {
    this.faults.push({ kind, message, line })
  }

  #shorten({ message, details }: Pick<Attempt, 'message' | 'details'>): Pick<Attempt, 'message' | 'details'> {
    return { message: this.#take(message), details: this.#take(details) }
  }

  #take(text: string | undefined): string | undefined {
    if (text === undefined || this.#textLeft <= 0) return undefined
    const taken = clip(stripVTControlCharacters(text).replaceAll('\r\n', '\n').trim(), this.limits.message)
    this.#textLeft -= taken.length
    return taken === '' ? undefined : taken
  }
}

/** The text, or its beginning with a remark on how much is missing. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} characters more)`
}
