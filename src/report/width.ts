/** Letters and signs of one column each, none of which joins another: nearly all that is shown. */
const single = /^[\x20-\x7e\xa1-\xac\xae-\u02af\u2010-\u2027\u2190-\u21ff\u2500-\u257f✓✗]*$/
const ideographs = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\u30a0-\u30ff\uff01-\uff60\uffe0-\uffe6]/u
const emoji = /^\p{Emoji_Presentation}|\ufe0f/u
const nothing = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point}|\p{Control})+$/u

/** Columns that a text takes on a terminal: ideographs and emoji two, marks and joiners none (UAX #11, #29). */
export function widthOf(text: string): number {
  if (single.test(text)) return text.length
  return [...graphemesOf(text)].reduce((sum, { segment }) => sum + cells(segment), 0)
}

/** The text in at most so many columns; what does not fit gives way to `ellipsis`. */
export function truncate(text: string, columns: number, ellipsis = '…'): string {
  if (widthOf(text) <= columns) return text
  const room = columns - widthOf(ellipsis)
  if (room < 0) return ''
  let used = 0
  let kept = ''
  for (const { segment } of graphemesOf(text)) {
    used += cells(segment)
    if (used > room) break
    kept += segment
  }
  return (
    kept
      .trimEnd()
      .replace(/[,;:·-]$/, '')
      .trimEnd() + ellipsis
  )
}

/** Filled with blanks to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/**
 * Prose in lines of at most so many columns, broken at blanks outside of `backticks`; a word that is longer stays whole, so that
 * it can be pasted. A line keeps its blanks; what follows goes below its second column when it has one, else below its indentation.
 */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => flow(line.match(/\s*(?:`[^`]*`|\S)+/g) ?? [''], columns, hangingOf(line, columns)))
}

function hangingOf(line: string, columns: number): string {
  const first = widthOf(/^ +\S+ {2,}/.exec(line)?.[0] ?? '')
  const indent = /^ */.exec(line)?.[0] ?? ''
  if (first > 0 && first < columns / 2) return ' '.repeat(first)
  return indent === '' ? '' : `${indent}  `
}

function flow(words: readonly string[], columns: number, hanging: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line !== '' && widthOf(line + word) > columns) {
      lines.push(line)
      line = hanging + word.trimStart()
    } else line += word
  }
  return [...lines, line]
}

let segmenter: Intl.Segmenter | undefined

/** To make a segmenter takes as long as to load a third of our program: it is made for the first text that needs one. */
function graphemesOf(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

function cells(grapheme: string): number {
  if (nothing.test(grapheme)) return 0
  return ideographs.test(grapheme) || emoji.test(grapheme) ? 2 : 1
}
