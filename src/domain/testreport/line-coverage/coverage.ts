/** How much of the code the tests ran. */
export interface CoverageTotals {
  readonly linesCovered: number
  readonly linesTotal: number
  /** 0 to 100, exact; undefined when there is no line at all. */
  readonly percent: number | undefined
}

/** One line of a file, by its number, or one block by its range. */
export interface Hit {
  readonly covered: boolean
  /** Statements in a block; 1 for a line. */
  readonly weight?: number
}

/** Takes what a report says of one line or block. */
export type AddLine = (file: string, unit: string | number, hit: Hit) => void

interface Unit {
  readonly weight: number
  covered: boolean
}

const mostUnits = 20_000_000

/**
 * Lines over any number of reports. A line of a file counts once, and is covered when any report says so.
 * Go profiles have statements in blocks instead: a block counts with its number of statements, as `go tool cover` does.
 */
export class Coverage {
  readonly #files = new Map<string, Map<string | number, Unit>>()
  #units = 0

  /** `unit` is a line number, or the range of a block. @returns false when there are too many lines to keep */
  add(file: string, unit: string | number, { covered, weight = 1 }: Hit): boolean {
    const lines = this.#files.get(file) ?? new Map<string | number, Unit>()
    this.#files.set(file, lines)
    const known = lines.get(unit)
    if (known !== undefined) known.covered ||= covered
    else if (this.#units >= mostUnits) return false
    else {
      this.#units += 1
      lines.set(unit, { weight, covered })
    }
    return true
  }

  totals(): CoverageTotals {
    let linesCovered = 0
    let linesTotal = 0
    for (const lines of this.#files.values()) {
      for (const { weight, covered } of lines.values()) {
        linesTotal += weight
        if (covered) linesCovered += weight
      }
    }
    return { linesCovered, linesTotal, percent: linesTotal === 0 ? undefined : (linesCovered * 100) / linesTotal }
  }
}

/** With one decimal, rounded down, so that 79.96 is never shown as the 80 that was asked for: `91.2`. */
export function formatPercent(percent: number): string {
  return (Math.floor(percent * 10 + 1e-9) / 10).toFixed(1)
}
