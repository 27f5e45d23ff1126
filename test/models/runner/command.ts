/** A workflow command as the runner understands it. Names of properties are in lower case: the runner compares them so. */
export interface Command {
  readonly name: string
  readonly properties: ReadonlyMap<string, string>
  readonly data: string
}

type Unescapes = readonly (readonly [escaped: string, character: string])[]

const dataUnescapes: Unescapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
]
const propertyUnescapes: Unescapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
]
const legacyUnescapes: Unescapes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
]

/** What .NET's String.TrimStart takes away; not the same as `\s`. */
const leadingBlanks = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/
/** The runner looks for `::` and `##[` with the culture's rules, by which ICU may see through characters without a width. */
const ignorable = '[\\u00ad\\u200b-\\u200f\\u2060-\\u2064\\ufeff]*'

/**
 * Reads a line of a step's output (actions/runner src/Runner.Common/ActionCommand.cs): `::name k=v,k=v::data` at its start, else
 * the legacy `##[name k=v;k=v]data` anywhere. Only names in `registered` are commands.
 */
export function parseCommand(line: string, registered: ReadonlySet<string>): Command | undefined {
  return parseColons(line, registered) ?? parseLegacy(line, registered)
}

function parseColons(line: string, registered: ReadonlySet<string>): Command | undefined {
  const text = line.replace(leadingBlanks, '')
  if (find(text, '::', 0) !== 0) return undefined
  const end = find(text, '::', 2)
  if (end < 0) return undefined
  return build(text.slice(2, end), text.slice(end + 2), { registered, separator: ',', property: propertyUnescapes, data: dataUnescapes })
}

function parseLegacy(line: string, registered: ReadonlySet<string>): Command | undefined {
  const start = find(line, '##[', 0)
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  return build(line.slice(start + 3, end), line.slice(end + 1), {
    registered,
    separator: ';',
    property: legacyUnescapes,
    data: legacyUnescapes,
  })
}

/** Where a text stands, also with ignorable characters in it; -1 when nowhere. */
function find(text: string, wanted: string, from: number): number {
  const pattern = new RegExp([...wanted].map((character) => `\\${character}`).join(ignorable), 'g')
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}

function build(
  info: string,
  data: string,
  rules: { readonly registered: ReadonlySet<string>; readonly separator: string; readonly property: Unescapes; readonly data: Unescapes },
): Command | undefined {
  const space = info.indexOf(' ')
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase()
  if (!rules.registered.has(name)) return undefined
  const properties = new Map<string, string>()
  for (const part of space > 0
    ? info
        .slice(space + 1)
        .trim()
        .split(rules.separator)
    : []) {
    // String.Split(…, 2, RemoveEmptyEntries): neither side of the first sign may be empty.
    const [, key, value] = /^=*([^=]+)=+([\s\S]+)$/.exec(part) ?? []
    if (key !== undefined && value !== undefined) properties.set(key.toLowerCase(), decode(value, rules.property))
  }
  return { name, properties, data: decode(data, rules.data) }
}

function decode(text: string, table: Unescapes): string {
  return table.reduce((done, [escaped, character]) => done.replaceAll(escaped, character), text)
}
