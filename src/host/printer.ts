import type { RedactingStream, Redactor } from '../base/redact.ts'
import type { Surroundings } from './process-environment.ts'

type Stream = 'stdout' | 'stderr'

/** The one way out for text. No secret that the redactor knows passes, also when it comes in pieces. */
export class Printer {
  readonly #redactor: Redactor
  readonly #write: Surroundings['write']
  readonly #pieces: RedactingStream
  /** What was written last: enough to know an empty line. Nothing was, at first, which is as good as one. */
  #end = '\n\n'

  constructor(redactor: Redactor, surroundings: Pick<Surroundings, 'write' | 'onExit'>) {
    this.#redactor = redactor
    this.#write = surroundings.write
    this.#pieces = redactor.stream()
    surroundings.onExit(() => this.flush())
  }

  /** One or more whole lines. */
  line(text: string, stream: Stream = 'stdout'): void {
    this.#startLine()
    this.#send(`${this.#redactor.redact(text)}\n`, stream)
  }

  /** An empty line, unless there is one. */
  gap(): void {
    this.#startLine()
    if (this.#end !== '\n\n') this.#send('\n')
  }

  /** A line that must stay as it is, secrets included: what tells a runner to hide one. */
  command(text: string): void {
    this.#startLine()
    this.#send(`${text}\n`)
  }

  /** A piece of text that may end anywhere. What could be the beginning of a secret is held back until the next one. */
  piece(text: string): void {
    this.#show(this.#pieces.write(text))
  }

  /** Shows what was held back. */
  flush(): void {
    this.#show(this.#pieces.end())
  }

  #startLine(): void {
    this.flush()
    if (!this.#end.endsWith('\n')) this.#send('\n')
  }

  #show(text: string): void {
    if (text !== '') this.#send(text)
  }

  #send(text: string, stream: Stream = 'stdout'): void {
    this.#write(text, stream)
    this.#end = `${this.#end}${text}`.slice(-2)
  }
}
