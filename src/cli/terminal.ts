import type { Screen } from '../report/reporter.ts'
import type { Host } from '../spec/host.ts'

/** What can be shown where our output goes. */
export interface Terminal {
  /** Columns and rows as they are now; undefined when nobody looks. */
  size(): { readonly columns: number; readonly rows: number } | undefined
  /** Whether its cursor can be moved, so that lines can be drawn anew. */
  readonly movable: boolean
  readonly color: boolean
  readonly unicode: boolean
}

/** Whoever reads a file or a pipe has room for any line. */
const endless = { columns: 1000, rows: 1000 } as const

/** Judges standard output by itself and by the conventions of the environment: NO_COLOR, FORCE_COLOR, TERM, LC_ALL, LC_CTYPE, LANG. */
export function terminalOf(stream: NodeJS.WriteStream, { name, environment }: Pick<Host, 'name' | 'environment'>): Terminal {
  const isTerminal = stream.isTTY === true
  const movable = isTerminal && environment['TERM'] !== 'dumb'
  const forced = environment['FORCE_COLOR']
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  return {
    size: () => (isTerminal ? { columns: stream.columns || 80, rows: stream.rows || 24 } : undefined),
    movable,
    color: forced ? forced !== '0' : movable && !environment['NO_COLOR'],
    // A container of a CI system has no locale, and its log viewer shows UTF-8.
    unicode: name !== 'local' || /utf-?8/i.test(locale),
  }
}

/** The terminal as reporters want it. */
export function screenOf({ size, color, unicode }: Pick<Terminal, 'size' | 'color' | 'unicode'>, write: (text: string) => void): Screen {
  const now = (): { readonly columns: number; readonly rows: number } => size() ?? endless
  return { write, columns: () => now().columns, rows: () => now().rows, color, unicode }
}
