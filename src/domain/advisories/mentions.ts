/** What a record says of one of its packages, as its letters stand there. */
export interface Mention {
  readonly ecosystem: string
  readonly name: string
}

const names = { package: Buffer.from('"package"'), modified: Buffer.from('"modified"') } as const
const [colon, quote, backslash, open, close] = [0x3a, 0x22, 0x5c, 0x7b, 0x7d]

/**
 * Tells each package that a record in JSON is about, and each time of a change: found by their letters, which takes a tenth of the time of
 * parsing. It may tell more than there is (members of the same name elsewhere), and never less, as long as the name of the
 * member `package` is written without escapes.
 */
export function mentionsIn(json: Buffer, tell: { mention(found: Mention): void; modified(time: string): void }): void {
  each(json, names.modified, (at) => {
    if (json[at] !== quote) return
    tell.modified(textAt(json, at, endOfText(json, at)))
  })
  each(json, names.package, (at) => {
    if (json[at] === open) mentionAt(json, at, tell.mention)
  })
}

/** Where the value begins of every member of that name. */
function each(json: Buffer, name: Buffer, tell: (at: number) => void): void {
  for (let at = json.indexOf(name); at >= 0; at = json.indexOf(name, at + name.length)) {
    const after = skipBlanks(json, at + name.length)
    if (json[after] === colon) tell(skipBlanks(json, after + 1))
  }
}

/** The object that begins here, the texts in it by their names. */
function mentionAt(json: Buffer, start: number, tell: (found: Mention) => void): void {
  let [ecosystem, name, key] = ['', '', '']
  let depth = 0
  for (let at = start; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === open) depth += 1
    else if (byte === close) depth -= 1
    if (depth === 0) break
    if (byte !== quote) continue
    const end = endOfText(json, at)
    const after = skipBlanks(json, end + 1)
    if (json[after] === colon) key = textAt(json, at, end)
    else if (depth === 1 && key === 'name') name = textAt(json, at, end)
    else if (depth === 1 && key === 'ecosystem') ecosystem = textAt(json, at, end)
    at = end
  }
  tell({ ecosystem, name })
}

/** Of the quote that closes the text whose opening one is at `from`, or the end of all. */
function endOfText(json: Buffer, from: number): number {
  let at = from + 1
  for (let byte = json[at]; byte !== undefined && byte !== quote; byte = json[at]) at += byte === backslash ? 2 : 1
  return at
}

function textAt(json: Buffer, from: number, end: number): string {
  const text = json.toString('latin1', from + 1, end)
  // Latin-1 is ten times faster, and the same for what is ASCII.
  return /[\\\x80-\xff]/.test(text) ? unescaped(json.toString('utf8', from + 1, end)) : text
}

function unescaped(text: string): string {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

function skipBlanks(json: Buffer, from: number): number {
  let at = from
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at += 1
  return at
}
