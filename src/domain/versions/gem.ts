import { byItems, byNumber, byText, type Order } from './order.ts'

const grammar = /^\s*(?:\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?\s*$/

/** Versions of RubyGems (Gem::Version): a letter anywhere makes a prerelease. */
export function compareGem(a: string, b: string): Order {
  if (!grammar.test(a) || !grammar.test(b)) return undefined
  return byItems(segmentsOf(a), segmentsOf(b), { fill: '0', order: bySegment })
}

/** Zeros say nothing at the end, and none before the first word. */
function segmentsOf(version: string): readonly string[] {
  const all =
    version
      .trim()
      .replace(/-/g, '.pre.')
      .match(/\d+|[a-z]+/gi) ?? []
  const word = all.findIndex((segment) => /^\D/.test(segment))
  return word < 0 ? trimmed(all) : [...trimmed(all.slice(0, word)), ...trimmed(all.slice(word))]
}

function trimmed(segments: readonly string[]): readonly string[] {
  return segments.slice(0, segments.findLastIndex((segment) => !/^0+$/.test(segment)) + 1)
}

/** A word is before any number, and so before the zero that stands for nothing. */
function bySegment(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d/.test(a), /^\d/.test(b)]
  if (isNumber !== isOther) return isNumber ? 1 : -1
  return isNumber ? byNumber(a, b) : byText(a, b)
}
