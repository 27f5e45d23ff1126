/** Something that grows old: the advisories of an ecosystem, a feed. */
export interface Dated {
  /** For people: `npm`, `EPSS`. */
  readonly what: string
  /** When it was last known to be new, RFC 3339. */
  readonly date: string
  /** Milliseconds for which its source may have nothing to say and is not behind. */
  readonly silence: number
}

/** The one that has been behind for longest; undefined of none. */
export function oldestOf(dated: readonly Dated[]): Dated | undefined {
  const from = ({ date, silence }: Dated): number => Date.parse(date) + silence
  return dated.toSorted((a, b) => from(a) - from(b))[0]
}
