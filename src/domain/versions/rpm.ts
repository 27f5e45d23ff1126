import { byNumber, byText, type Order } from './order.ts'

const grammar = /^(?:(\d+):)?([^\s:-]+)(?:-([^\s:-]+))?$/

/** Versions of RPM packages: epoch, version and release, each by the rules of rpmvercmp; no release is before any. */
export function compareRpm(a: string, b: string): Order {
  const [left, right] = [grammar.exec(a), grammar.exec(b)]
  if (left === null || right === null) return undefined
  const [release, other] = [left[3], right[3]]
  const releases =
    release === undefined || other === undefined ? Number(release !== undefined) - Number(other !== undefined) : bySegments(release, other)
  return [byNumber(left[1] ?? '', right[1] ?? ''), bySegments(left[2] ?? '', right[2] ?? ''), releases].find((part) => part !== 0) ?? 0
}

/** Runs of digits, runs of letters, `~` and `^`; all else only separates. */
function bySegments(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|[A-Za-z]+|~|\^/g) ?? [], b.match(/\d+|[A-Za-z]+|~|\^/g) ?? []]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const decided = bySegment(left[at], right[at])
    if (decided !== 0) return decided
  }
  return 0
}

/** `~` before the end, the end before `^`, `^` before anything else, letters before digits. */
function bySegment(a: string | undefined, b: string | undefined): number {
  const decided = rank(a) - rank(b)
  if (decided !== 0 || a === undefined || b === undefined) return decided
  return /^\d/.test(a) ? byNumber(a, b) : byText(a, b)
}

function rank(segment: string | undefined): number {
  if (segment === undefined) return 1
  if (segment === '~') return 0
  if (segment === '^') return 2
  return /^\d/.test(segment) ? 4 : 3
}
