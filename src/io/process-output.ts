import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { systemCode } from '../base/errors.ts'
import type { Redactor } from '../base/redact.ts'
import type { Log } from '../spec/ports.ts'
import { drained } from './drained.ts'
import { OutputTail } from './output-tail.ts'

/** A line longer than this is shown in parts, so that a program without line feeds cannot fill the memory. */
const longestLine = 64 * 1024

export interface OutputOptions {
  readonly redactor: Redactor
  /** Where lines go as they come. */
  readonly echo: Log | undefined
  /** Where the bytes go as they are. */
  readonly copy: Writable | undefined
  /** Bytes. */
  readonly keep: number
}

/** Reads a child's stream to its end; gives its last bytes, without the secrets that the redactor knows. */
export async function collectOutput(stream: Readable, { redactor, echo, copy, keep }: OutputOptions): Promise<string> {
  const decoder = new StringDecoder('utf8')
  const hiding = redactor.stream()
  const tail = new OutputTail(keep)
  const lines = new Lines((text) => echo?.untrusted(text))
  const show = (text: string): void => {
    tail.add(text)
    lines.add(text)
  }
  for await (const chunk of untilClosed(stream)) {
    if (copy?.write(chunk) === false) await drained(copy)
    show(hiding.write(decoder.write(chunk)))
  }
  show(hiding.write(decoder.end()) + hiding.end())
  lines.end()
  return tail.toString()
}

/** A pipe that we close ourselves, since a grandchild holds it, ends like any other. */
async function* untilClosed(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch (error) {
    if (systemCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** Gathers pieces into whole lines, given without their line feed. */
class Lines {
  readonly #show: (text: string) => void
  #rest = ''

  constructor(show: (text: string) => void) {
    this.#show = show
  }

  add(text: string): void {
    this.#rest += text
    const end = this.#rest.length > longestLine ? Math.max(this.#rest.lastIndexOf('\n'), longestLine) : this.#rest.lastIndexOf('\n')
    if (end < 0) return
    this.#show(this.#rest.slice(0, end))
    this.#rest = this.#rest.slice(this.#rest[end] === '\n' ? end + 1 : end)
  }

  end(): void {
    if (this.#rest !== '') this.#show(this.#rest)
    this.#rest = ''
  }
}
