import { byNumber, byText, type Order } from './order.ts'

const grammar = /^\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(?:~[0-9a-f]+)?(?:-r\d+)?/
const token = /^(\d+)|\.(\d+)|([a-z])|_([a-z]+)(\d*)|~([0-9a-f]+)|-r(\d+)/y
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const release = suffixes.indexOf('')

/** In the order of the grammar: at the first place where two versions have different kinds, the later kind is the lower version. */
const kinds = ['first', 'digits', 'letter', 'suffix', 'count', 'hash', 'revision', 'end', 'other'] as const
interface Token {
  readonly kind: (typeof kinds)[number]
  readonly text: string
}
const end: Token = { kind: 'end', text: '' }

/** Versions of Alpine packages (apk-package(5)); of `1.8.31p1`, which its grammar does not have, all that stands before the `1` decides. */
export function compareApk(a: string, b: string): Order {
  const [left, right] = [tokensOf(a), tokensOf(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at] ?? end, right[at] ?? end]
    if (x.kind === 'other' || y.kind === 'other') return undefined
    const decided = x.kind === y.kind ? byKind(x, y) : byPlace(x, y)
    if (decided !== 0) return decided
  }
  return 0
}

function tokensOf(version: string): readonly Token[] {
  const found: Token[] = []
  const [regular = ''] = grammar.exec(version) ?? []
  for (const [, first, digits, letter, suffix, count, hash, revision] of regular.matchAll(new RegExp(token, 'gy'))) {
    const named = { first, digits, letter, suffix, count: count === '' ? undefined : count, hash, revision }
    for (const kind of kinds) {
      const text = kind === 'end' || kind === 'other' ? undefined : named[kind]
      if (text !== undefined) found.push({ kind, text })
    }
  }
  return regular === version ? found : [...found, { kind: 'other', text: version.slice(regular.length) }]
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
