/** The pairs of a command file up to the first mistake in it; the runner keeps those and fails the step. */
export interface Pairs {
  readonly pairs: readonly (readonly [name: string, value: string])[]
  readonly error?: string
}

interface Line {
  readonly text: string
  /** Empty at the end of the file. */
  readonly ending: string
  readonly next: number
}

/**
 * Reads GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV as the runner does on Linux (src/Runner.Worker/FileCommandManager.cs,
 * EnvFileKeyValuePairs): `name=value` lines and heredocs; lines end with LF only, a CR belongs to the line.
 */
export function parsePairs(bytes: Uint8Array): Pairs {
  // TextDecoder drops a byte order mark and replaces what is not UTF-8, like File.ReadAllText.
  const text = new TextDecoder().decode(bytes)
  const pairs: [string, string][] = []
  try {
    for (let line = readLine(text, 0); line !== undefined; line = readLine(text, line.next)) {
      if (line.text === '') continue
      const { pair, last } = readPair(text, line)
      pairs.push(pair)
      line = last
    }
    return { pairs }
  } catch (error) {
    return { pairs, error: error instanceof Error ? error.message : String(error) }
  }
}

function readPair(text: string, line: Line): { readonly pair: [string, string]; readonly last: Line } {
  const equals = line.text.indexOf('=')
  const heredoc = line.text.indexOf('<<')
  if (equals >= 0 && (heredoc < 0 || equals < heredoc))
    return { pair: [line.text.slice(0, equals), line.text.slice(equals + 1)], last: line }
  if (heredoc < 0) throw new Error(`Invalid format '${line.text}'`)
  const name = line.text.slice(0, heredoc)
  const delimiter = line.text.slice(heredoc + 2)
  if (name === '' || delimiter === '')
    throw new Error(`Invalid format '${line.text}'. Name must not be empty and delimiter must not be empty`)
  const { value, last } = readHeredoc(text, line.next, delimiter)
  return { pair: [name, value], last }
}

function readHeredoc(text: string, start: number, delimiter: string): { readonly value: string; readonly last: Line } {
  let end = start
  for (let line = readLine(text, start); ; line = readLine(text, line.next)) {
    if (line === undefined) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
    if (line.text === delimiter) return { value: text.slice(start, Math.max(start, end)), last: line }
    if (line.ending === '') throw new Error('Invalid value. EOF marker missing new line.')
    end = line.next - line.ending.length
  }
}

function readLine(text: string, from: number): Line | undefined {
  if (from >= text.length) return undefined
  const feed = text.indexOf('\n', from)
  if (feed < 0) return { text: text.slice(from), ending: '', next: text.length }
  return { text: text.slice(from, feed), ending: '\n', next: feed + 1 }
}
