import { byNumber, byText, type Order } from './order.ts'

const grammar = /^\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(?:~[0-9a-f]+)?(?:-r\d+)?$/
const token = /^(\d+)|\.(\d+)|([a-z])|_([a-z]+)(\d*)|~([0-9a-f]+)|-r(\d+)/y
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const release = suffixes.indexOf('')

/** In the order of the grammar: at the first place where two versions have different kinds, the later kind is the lower version. */
const kinds = ['first', 'digits', 'letter', 'suffix', 'count', 'hash', 'revision', 'end'] as const
interface Token {
  readonly kind: (typeof kinds)[number]
  readonly text: string
}
const end: Token = { kind: 'end', text: '' }

/** Versions of Alpine packages (apk-package(5)). */
export function compareApk(a: string, b: string): Order {
  if (!grammar.test(a) || !grammar.test(b)) return undefined
  const [left, right] = [tokensOf(a), tokensOf(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at] ?? end, right[at] ?? end]
    const decided = x.kind === y.kind ? byKind(x, y) : byPlace(x, y)
    if (decided !== 0) return decided
  }
  return 0
}

function tokensOf(version: string): readonly Token[] {
  const found: Token[] = []
  for (const [, first, digits, letter, suffix, count, hash, revision] of version.matchAll(new RegExp(token, 'gy'))) {
    const named = { first, digits, letter, suffix, count: count === '' ? undefined : count, hash, revision }
    for (const kind of kinds) {
      const text = kind === 'end' ? undefined : named[kind]
      if (text !== undefined) found.push({ kind, text })
    }
  }
  return found
}

function byKind({ kind, text }: Token, other: Token): number {
  if (kind === 'suffix') return suffixes.indexOf(text) - suffixes.indexOf(other.text)
  if (kind === 'letter' || kind === 'hash') return byText(text, other.text)
  // After a dot, what begins with a zero is a fraction.
  const isFraction = kind === 'digits' && (text.startsWith('0') || other.text.startsWith('0'))
  return isFraction ? byText(text, other.text) : byNumber(text, other.text)
}

function byPlace(a: Token, b: Token): number {
  if (isBeforeRelease(a)) return -1
  return isBeforeRelease(b) ? 1 : kinds.indexOf(b.kind) - kinds.indexOf(a.kind)
}

function isBeforeRelease({ kind, text }: Token): boolean {
  return kind === 'suffix' && suffixes.indexOf(text) < release
}
