/** One way to authenticate that a server offers (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`, `negotiate`. */
  readonly scheme: string
  /** By lower-case name; the first of equal names counts. */
  readonly parameters: ReadonlyMap<string, string>
}

interface Cursor {
  readonly text: string
  at: number
}

const longest = 16_384

/**
 * Reads every `WWW-Authenticate` header of an answer: several challenges may share one header (Forgejo), or come in several.
 * What does not follow the grammar is skipped, never an error: the other challenges may do.
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, longest)))
}

function parseHeader(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  const cursor = { text, at: 0 }
  for (;;) {
    take(cursor, /[\s,]*/y)
    if (cursor.at >= text.length) return challenges
    const word = take(cursor, /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y)?.toLowerCase()
    if (word === undefined) cursor.at += 1
    else if (take(cursor, /\s*=\s*/y) === undefined) {
      challenges.push({ scheme: word, parameters: new Map() })
      skipToken68(cursor)
    } else {
      const value = valueAt(cursor)
      const parameters = challenges.at(-1)?.parameters
      if (parameters?.has(word) === false) parameters.set(word, value)
    }
  }
}

/** A token68 (`Negotiate YII=`) is told from a parameter by what follows: the end or a comma. */
function skipToken68(cursor: Cursor): void {
  take(cursor, /[ \t]+[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y)
}

/** A quoted string with its escapes undone, or a bare word; laxer than a token, as URLs come unquoted too. */
function valueAt(cursor: Cursor): string {
  const quoted = take(cursor, /"(?:[^"\\]|\\.)*(?:"|$)/y)
  if (quoted === undefined) return take(cursor, /[^\s,]*/y) ?? ''
  return quoted.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1')
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}
