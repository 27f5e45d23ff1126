import { stripVTControlCharacters } from 'node:util'
import type { CaseCollector, TextReader } from './collector.ts'
import type { Status, TestCase } from './model.ts'
import { append, type LineHandler, lineReader } from './text.ts'

/** Reads the text that `cargo test` prints on stdout, one section for each test binary. */
export function libtestReader(collector: CaseCollector): TextReader {
  return lineReader(new LibtestStream(collector))
}

const results: Readonly<Record<string, Status>> = { ok: 'passed', FAILED: 'failed', ignored: 'skipped' }

class LibtestStream implements LineHandler {
  readonly #collector: CaseCollector
  readonly #tests = new Map<string, TestCase>()
  readonly #outputs = new Map<string, string>()
  /** Tests announced by `running N tests`, until the section ends. */
  #announced: number | undefined
  #sections = 0
  /** The test whose result stands on a later line, after its output (`--nocapture`). */
  #waiting: string | undefined
  /** The test whose captured output is being read. */
  #capturing: string | undefined

  constructor(collector: CaseCollector) {
    this.#collector = collector
  }

  line(coloured: string): void {
    const line = stripVTControlCharacters(coloured)
    const [, announced] = /^running (\d{1,7}) tests?$/.exec(line) ?? []
    if (announced !== undefined) this.#begin(Number(announced))
    else if (this.#announced === undefined) return
    else if (line.startsWith('test result: ')) this.#finish(line)
    else if (this.#capture(line)) return
    else this.#result(line)
  }

  end(): void {
    if (this.#sections === 0) this.#collector.fault('empty', 'has no line `running N tests`')
    this.#abandon()
  }

  #begin(announced: number): void {
    this.#abandon()
    this.#announced = announced
    this.#sections += 1
  }

  /** A section without its last line: the binary was ended by an abort, an exit or a signal. */
  #abandon(): void {
    if (this.#announced === undefined) return
    const missing = this.#announced - this.#tests.size
    this.#flush()
    const name = this.#waiting ?? 'test binary'
    const message = `the test binary stopped before the end: ${missing} of its tests have no result`
    this.#collector.add({ suite: '', name, status: 'error', duration: 0, message, scope: 'run' })
  }

  #finish(line: string): void {
    const [, passed, failed, ignored] = /\b(\d{1,7}) passed; (\d{1,7}) failed; (\d{1,7}) ignored/.exec(line) ?? []
    const said = Number(passed ?? 0) + Number(failed ?? 0) + Number(ignored ?? 0)
    if (passed !== undefined && said !== this.#tests.size) {
      this.#collector.fault('mismatch', `counts ${said} tests in a section, but lists ${this.#tests.size}`)
    }
    this.#flush()
  }

  #flush(): void {
    for (const [name, found] of this.#tests) this.#collector.add({ ...found, ...this.#explained(name, found) })
    this.#tests.clear()
    this.#outputs.clear()
    this.#announced = undefined
    this.#capturing = undefined
  }

  #explained(name: string, { status }: TestCase): Pick<TestCase, 'message' | 'details'> {
    const details = this.#outputs.get(name)?.trim()
    if (status !== 'failed' || details === undefined) return {}
    return { message: panicOf(details), details }
  }

  /** Whether the line belongs to `---- name stdout ----` and what follows it. */
  #capture(line: string): boolean {
    const [, name] = /^---- (.+) stdout ----$/.exec(line) ?? []
    if (name !== undefined) this.#capturing = name
    else if (line === 'failures:') this.#capturing = undefined
    else if (this.#capturing === undefined) return false
    else this.#outputs.set(this.#capturing, append(this.#outputs.get(this.#capturing) ?? '', `${line}\n`, this.#collector.limits.message))
    return true
  }

  #result(line: string): void {
    const [, name, rest = ''] = /^test (.+?) \.\.\. ?(.*)$/.exec(line) ?? []
    const test = name?.replace(/ - (?:should panic|compile fail|compile)$/, '') ?? this.#waiting
    const [, result, reason] = /^(ok|FAILED|ignored)(?:, (.*))?$/.exec(name === undefined ? line : rest) ?? []
    if (test === undefined) return
    const status = result === undefined ? undefined : results[result]
    this.#waiting = status === undefined ? test : undefined
    if (status !== undefined) this.#tests.set(test, { ...named(test), status, duration: 0, message: reason })
  }
}

/** `cart::tests::adds`, or for a documentation test `src/lib.rs - total (line 5)`. */
function named(test: string): Pick<TestCase, 'suite' | 'name' | 'file' | 'line'> {
  const [, file, line] = /^(\S+\.rs) - .*\(line (\d{1,7})\)$/.exec(test) ?? []
  if (file !== undefined) return { suite: file, name: test.slice(file.length + 3), file, line: Number(line) }
  const split = test.lastIndexOf('::')
  return split < 0 ? { suite: '', name: test } : { suite: test.slice(0, split), name: test.slice(split + 2) }
}

/** What stands between `panicked at file:line:column:` and the stack trace or the notes; else the first line. */
function panicOf(details: string): string | undefined {
  const lines = details.split('\n')
  const start = lines.findIndex((line) => / panicked at .*:$/.test(line)) + 1
  const end = lines.findIndex((line, index) => index >= start && /^(?:stack backtrace:|note: )/.test(line))
  const message =
    start === 0
      ? ''
      : lines
          .slice(start, end < 0 ? undefined : end)
          .join('\n')
          .trim()
  return message || lines[0]
}
