import { stripVTControlCharacters } from 'node:util'
import type { Screen } from './reporter.ts'
import { widthOf } from './width.ts'

/** The last lines of a screen, which are ours to redraw, and the finished ones that scroll away above them. */
export class LiveLines {
  readonly #screen: Screen
  /** Columns of the lines that are alive, as they were drawn. */
  #alive: readonly number[] = []

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Adds finished lines and draws those that are alive below them, in one write, so that nothing flickers. */
  draw(finished: readonly string[], alive: readonly string[] = []): void {
    this.#screen.write(this.#erase() + [...finished, ...alive].map((line) => `${line}\n`).join(''))
    this.#alive = alive.map((line) => widthOf(stripVTControlCharacters(line)))
  }

  /** Up to the first line that is ours, whatever the terminal has wrapped since, and clear from there. */
  #erase(): string {
    const columns = Math.max(1, this.#screen.columns())
    const rows = this.#alive.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`
  }
}
