/** One change of a text: what stands between two offsets gives way. Both in UTF-16 units. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with all edits; they may not overlap. What they do not name stays, byte for byte. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  let [result, at] = ['', 0]
  for (const { start, end, text } of sorted) {
    if (start < at || end < start) throw new Error(`edits overlap at ${start}`)
    result += source.slice(at, start) + text
    at = end
  }
  return result + source.slice(at)
}
