import { formsOf } from './secret-forms.ts'
import { Patterns } from './secret-patterns.ts'

const replacement = '***'

/** Hides secrets in text that comes in pieces. */
export interface RedactingStream {
  /** What is safe to show so far; only what could be the beginning of a secret is held back. */
  write(chunk: string): string
  /** What was held back. */
  end(): string
}

/**
 * Knows secrets and replaces them by `***`, in every form they commonly take (see {@link formsOf}).
 * A secret of 1–3 characters is hidden only as it is and where it stands as a whole word: hiding every `a` would make a log
 * unreadable, and would tell the secret.
 */
export class Redactor {
  readonly #patterns = new Patterns()

  /** Hides a secret from now on; a blank one is ignored. Each line of 4 or more characters is hidden on its own too. */
  add(secret: string): void {
    const trimmed = secret.trim()
    if (trimmed === '') return
    for (const part of new Set([secret, trimmed, ...linesOf(trimmed)])) this.#addForms(part)
  }

  /** Hides a password, and the pair that `authorization: Basic` carries in base64. */
  addBasic(user: string, secret: string): void {
    this.add(secret)
    if (secret.trim() !== '') this.#addForms(`${user}:${secret}`)
  }

  redact(text: string): string {
    const stream = this.stream()
    return stream.write(text) + stream.end()
  }

  stream(): RedactingStream {
    return new Scanner(this.#patterns)
  }

  #addForms(secret: string): void {
    if (secret.trim().length < 4) this.#patterns.addWord(secret.trim())
    else for (const form of formsOf(secret)) this.#patterns.add(form)
  }
}

function linesOf(text: string): string[] {
  if (!text.includes('\n')) return []
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line.length >= 4)
}

/** Goes through the text once; forms that overlap are hidden as one, so that no end of either is left. */
class Scanner implements RedactingStream {
  readonly #patterns: Patterns
  #held = ''
  /** Leading characters of what is held that belong to a secret already replaced. */
  #hidden = 0
  #before = ''

  constructor(patterns: Patterns) {
    this.#patterns = patterns
  }

  write(chunk: string): string {
    return this.#scan(this.#held + chunk, false)
  }

  end(): string {
    return this.#scan(this.#held, true)
  }

  #scan(text: string, last: boolean): string {
    let shown = ''
    let hiddenTo = this.#hidden
    let shownTo = 0
    let at = this.#patterns.next(text, 0)
    for (; at < text.length; at = this.#patterns.next(text, at + 1)) {
      if (!last && this.#patterns.mayGrow(text, at)) break
      const length = this.#patterns.longest(text, at, this.#charBefore(text, at))
      if (length === 0) continue
      if (at >= hiddenTo) {
        shown += text.slice(Math.max(shownTo, hiddenTo), at) + replacement
        shownTo = at
      }
      hiddenTo = Math.max(hiddenTo, at + length)
    }
    const stop = Math.min(at, text.length)
    shown += text.slice(Math.max(shownTo, hiddenTo), stop)
    this.#before = this.#charBefore(text, stop)
    this.#held = text.slice(stop)
    this.#hidden = Math.max(0, hiddenTo - stop)
    return shown
  }

  #charBefore(text: string, at: number): string {
    return at === 0 ? this.#before : text.charAt(at - 1)
  }
}
