/** The headers of a message (RFC 5322) until its empty line: values by name in lower case, in order; a line that begins with a blank goes on. */
export function headers(text: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>()
  let last: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') break
    const name = /^[^\s:]+(?=:)/.exec(line)?.[0].toLowerCase()
    if (name === undefined) {
      last.push(`${last.pop() ?? ''}\n${line.trim()}`)
      continue
    }
    last = fields.get(name) ?? []
    last.push(line.slice(name.length + 1).trim())
    fields.set(name, last)
  }
  return fields
}
