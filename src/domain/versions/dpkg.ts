import { byNumber, type Order } from './order.ts'

/** The upstream version begins with a digit; the last hyphen begins the revision, which may not be empty. */
const grammar = /^(?!.*-$)(?:(\d+):)?(\d[A-Za-z0-9.+~:-]*?)(?:-([A-Za-z0-9.+~]+))?$/

/** Versions of Debian packages: epoch, upstream version and revision (deb-version(7)). */
export function compareDpkg(a: string, b: string): Order {
  const [left, right] = [grammar.exec(a), grammar.exec(b)]
  if (left === null || right === null) return undefined
  const parts = [byNumber(left[1] ?? '', right[1] ?? ''), byParts(left[2] ?? '', right[2] ?? ''), byParts(left[3] ?? '', right[3] ?? '')]
  return parts.find((part) => part !== 0) ?? 0
}

/** Texts without digits and numbers in turn. */
function byParts(a: string, b: string): number {
  const [left, right] = [split(a), split(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at] ?? '', right[at] ?? '']
    const decided = at % 2 === 0 ? byLetters(x, y) : byNumber(x, y)
    if (decided !== 0) return decided
  }
  return 0
}

function split(text: string): readonly string[] {
  return text.split(/(\d+)/)
}

/** A tilde before the end, the end before letters, letters before all else. */
function byLetters(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const decided = weight(a[at]) - weight(b[at])
    if (decided !== 0) return decided
  }
  return 0
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}
