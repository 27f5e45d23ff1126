/** The paragraphs of a Debian control file (deb822(5)): fields by name in lower case; a line that begins with a blank goes on. */
export function* paragraphs(text: string): Generator<ReadonlyMap<string, string>> {
  let fields = new Map<string, string>()
  let last = ''
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      if (fields.size > 0) yield fields
      fields = new Map()
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line.trim()}`)
    } else {
      const colon = line.indexOf(':')
      if (colon < 0) continue
      last = line.slice(0, colon).toLowerCase()
      fields.set(last, line.slice(colon + 1).trim())
    }
  }
  if (fields.size > 0) yield fields
}
