/** A line cannot be taken apart without a shell: what in it needs one. */
export interface NeedsShell {
  readonly needsShell: string
}

/**
 * The words of a command written on one line: blanks separate them, quotes hold them together, nothing is expanded.
 * What only a shell understands (`&&`, `|`, `>`, `$VAR`, `*`) is told instead of passed on as a word.
 */
export function wordsOf(line: string): readonly string[] | NeedsShell {
  const words: string[] = []
  const token = /\s*(?:((?:[^\s'"\\`$;&|<>()*?]|'[^']*'|"[^"`$\\]*"|\\.)+)|(\S+))/gy
  for (let match = token.exec(line); match !== null; match = token.exec(line)) {
    const [, word, other] = match
    if (other !== undefined) return { needsShell: other }
    if (word !== undefined) words.push(word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, '$1$2$3'))
  }
  return words
}
