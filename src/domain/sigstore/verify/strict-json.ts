import { Refused } from './reasons.ts'

/** How deep what is signed may nest. */
const mostDepth = 100

/**
 * JSON in which no object names a key twice: of two equal keys one reader takes the first and another the last, so that what
 * was checked need not be what is used. Throws {@link Refused}.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  const value = parse(text)
  refuseDuplicates(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused('unreadable', { got: 'bytes that are not UTF-8' })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused('unreadable', { expected: 'JSON' })
  }
}

/** Walks over a text that is JSON already: only strings and brackets matter. Not by an expression, whose stack a long string fills. */
function refuseDuplicates(text: string): void {
  const open: Set<string>[] = []
  const colon = /\s*:/y
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '{' || sign === '[') open.push(new Set())
    else if (sign === '}' || sign === ']') open.pop()
    else if (sign === '"') {
      const start = at
      at = endOfString(text, start)
      colon.lastIndex = at + 1
      if (colon.test(text)) enter(open.at(-1), JSON.parse(text.slice(start, at + 1)))
    }
    if (open.length > mostDepth) throw new Refused('unreadable', { expected: `at most ${mostDepth} levels` })
  }
}

/** Where the quote is that ends a string; a backslash goes with what follows it. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function enter(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key) === true) throw new Refused('duplicate-keys', { got: key.slice(0, 100) })
  keys?.add(key)
}
