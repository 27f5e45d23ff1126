import { posix } from 'node:path'

/** Patterns as Docker reads them (moby/patternmatcher): in order, the last match decides, `!` takes back. */
export interface Patterns {
  /**
   * Whether the last pattern that matches a path, or a folder above it, is a positive one. Paths are relative with `/`;
   * a folder is asked for before what lies in it, which starts from what was found for the folder.
   */
  matches(path: string, isFolder?: boolean): boolean
  /** Whether a `!` pattern may match something below a folder. */
  mayTakeBack(folder: string): boolean
  /** Whether a `!` pattern matches the path itself and ends with more than wildcards: whoever wrote it meant this file. */
  takesBackByName(path: string): boolean
}

/** A pattern that cannot be read; the message ends a sentence about it. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
  readonly pattern: string

  constructor(pattern: string, message: string) {
    super(message)
    this.pattern = pattern
  }
}

interface Pattern {
  readonly negative: boolean
  readonly segments: readonly string[]
  test(path: string): boolean
}

/** Compiles patterns; blank ones are dropped. @throws PatternFault */
export function compilePatterns(texts: readonly string[]): Patterns {
  const patterns = texts.map((text) => text.trim()).flatMap((text) => (text === '' ? [] : [compile(text)]))
  return {
    matches: patterns.some(({ negative }) => negative) ? inTheirOrder(patterns) : anyOf(patterns),
    mayTakeBack: (folder) => patterns.some((pattern) => pattern.negative && reachesBelow(pattern, folder.split('/'))),
    takesBackByName: (path) =>
      patterns.some((pattern) => pattern.negative && /[^*?]/.test(pattern.segments.at(-1) ?? '') && pattern.test(path)),
  }
}

/** A pattern that matches this path only. */
export function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]!#]/g, '\\$&')
}

/** Without `!` nothing but a match has to be remembered, of which there are few. */
function anyOf(patterns: readonly Pattern[]): Patterns['matches'] {
  const matched = new Set<string>()
  return (path, isFolder = false) => {
    const isMatched = (matched.size > 0 && matched.has(above(path))) || patterns.some(({ test }) => test(path))
    if (isMatched && isFolder) matched.add(path)
    return isMatched
  }
}

function inTheirOrder(patterns: readonly Pattern[]): Patterns['matches'] {
  const folders = new Map<string, readonly boolean[]>()
  return (path, isFolder = false) => {
    const { matched, hits } = judge(patterns, path, folders.get(above(path)))
    if (isFolder) folders.set(path, hits)
    return matched
  }
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** `above` says by pattern whether it has matched a folder above: it then holds for the path too. */
function judge(patterns: readonly Pattern[], path: string, above?: readonly boolean[]): { matched: boolean; hits: readonly boolean[] } {
  let matched = false
  const hits: boolean[] = []
  for (const pattern of patterns) {
    const hit = above?.[hits.length] === true || (pattern.negative === matched && pattern.test(path))
    if (hit) matched = !pattern.negative
    hits.push(hit)
  }
  return { matched, hits }
}

/**
 * A pattern matches only paths with as many segments as it has itself, and what lies below follows from them; `**` and a
 * bracket, which may stand for a slash, are the exceptions.
 */
function reachesBelow({ segments }: Pattern, folder: readonly string[]): boolean {
  const shared = segments.slice(0, folder.length)
  if (shared.some((segment) => /\*\*|\[/.test(segment))) return true
  return segments.length > folder.length && expressionOf(shared.join('/')).test(folder.join('/'))
}

function compile(text: string): Pattern {
  const negative = text.startsWith('!')
  const cleaned = clean(negative ? text.slice(1).trim() : text)
  if (cleaned === '') throw new PatternFault(text, 'names nothing after "!"')
  return { negative, segments: cleaned.split('/'), test: testOf(cleaned, text) }
}

/** Most name a file, here or anywhere: of ten thousand paths each is compared, which takes a tenth of what an expression does. */
function testOf(pattern: string, written: string): Pattern['test'] {
  const [, anywhere, name] = /^(\*\*\/)?([^*?[\]\\]+)$/.exec(pattern) ?? []
  if (name === undefined) {
    const expression = expressionOf(pattern, written)
    return (path) => expression.test(path)
  }
  const end = `/${name}`
  return anywhere === undefined ? (path) => path === name : (path) => path === name || path.endsWith(end)
}

/** Go's filepath.Clean, then no slash at the beginning: a pattern starts at the root of the context. */
function clean(text: string): string {
  if (text === '') return ''
  const cleaned = posix.normalize(text).replace(/(?<=.)\/$/, '')
  return cleaned.length > 1 ? cleaned.replace(/^\//, '') : cleaned
}

function expressionOf(pattern: string, written = pattern): RegExp {
  const bare = pattern.replace(bracketOrEscape, '')
  try {
    if (!bare.includes('[')) return new RegExp(`^${translate(pattern)}$`, 'su')
  } catch {
    // A range that runs backwards: told as any other fault in brackets.
  }
  throw new PatternFault(written, 'has a "[" without its "]", or a range that runs backwards')
}

function translate(pattern: string): string {
  // `**name` without another wildcard also matches `xname`: moby compares the end of the path.
  if (/^\*\*(?!\/)[^*?[\\]+$/.test(pattern)) return `.*${quote(pattern.slice(2))}`
  // Several `**/` in a row mean one; left alone they would only cost time.
  const collapsed = pattern.replace(/(?:\*\*\/)+\*\*$/, '**').replace(/(?:\*\*\/){2,}/g, '**/')
  return collapsed.replace(token, (found: string, offset: number) => {
    if (found.startsWith('**')) return offset + found.length === collapsed.length ? '.*' : '(?:.*/)?'
    if (found === '*') return '[^/]*'
    if (found === '?') return '[^/]'
    if (found.startsWith('[')) return found.replace(/\\([^\\\]^-])/gsu, '$1')
    return quote(found.replace(/^\\(?=.)/su, ''))
  })
}

const bracketOrEscape = /\[\^?(?:\\.|[^\]\\])+\]|\\./gsu
const token = /\*\*\/?|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[\\\].+()|{}$^]/gsu

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
