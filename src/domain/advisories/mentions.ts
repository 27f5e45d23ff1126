/**
 * What stands behind a member's name wherever it comes in a JSON text: found by its letters, which takes a tenth of the time of parsing. It
 * may give more than there is (a text within a text), and never less, as long as names of members are written without escapes.
 */
export function* membersIn(json: Buffer, member: string): Generator<string> {
  const name = Buffer.from(`"${member}"`)
  for (let at = json.indexOf(name); at >= 0; at = json.indexOf(name, at + name.length)) {
    const value = textAt(json, at + name.length)
    if (value !== undefined) yield value
  }
}

const [colon, quote, backslash] = [0x3a, 0x22, 0x5c]

/** The text after a colon; undefined when there is something else. */
function textAt(json: Buffer, from: number): string | undefined {
  const start = skipBlanks(json, from)
  if (json[start] !== colon) return undefined
  const open = skipBlanks(json, start + 1)
  if (json[open] !== quote) return undefined
  let isEscaped = false
  let end = open + 1
  for (; end < json.length && json[end] !== quote; end += 1) {
    if (json[end] !== backslash) continue
    isEscaped = true
    end += 1
  }
  const text = json.toString('utf8', open + 1, end)
  return isEscaped ? unescaped(text) : text
}

function skipBlanks(json: Buffer, from: number): number {
  let at = from
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at += 1
  return at
}

function unescaped(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
