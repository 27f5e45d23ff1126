import type { TextReader } from './collector.ts'

const longest = 1024 * 1024
const stackFrame = /^\s*(?:at |❯ |File ")|^Traceback /

/** What a failure's text says before its stack trace starts; its first line when it starts at once. */
export function leadOf(text: string): string {
  const lines = text.trim().split('\n')
  const end = lines.findIndex((line) => stackFrame.test(line))
  return (end < 0 ? lines : lines.slice(0, Math.max(end, 1))).join('\n').trim()
}

/** Adds to a text that will be clipped to `limit` anyway, so that it never grows far beyond. */
export function append(text: string, more: string, limit: number): string {
  return text.length > limit ? text : text + more
}

/** What reads a format line by line. */
export interface LineHandler {
  line(line: string): void
  /** After the last line. */
  end(): void
}

/** Gives a stream of text to a handler of lines. */
export function lineReader(handler: LineHandler): TextReader {
  const lines = new LineSplitter((line) => handler.line(line))
  return {
    write: (text) => lines.write(text),
    end: () => {
      lines.end()
      handler.end()
    },
  }
}

/** Cuts a stream of text into lines without their ends; a line longer than a mebibyte loses its rest. */
export class LineSplitter {
  readonly #line: (line: string) => void
  #rest = ''

  constructor(line: (line: string) => void) {
    this.#line = line
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, longest)
    for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line)
  }

  /** Gives out a last line that has no end. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }
}
