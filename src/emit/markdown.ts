/** A table; empty when it has no rows. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`
  return [line(columns), `|${' --- |'.repeat(columns.length)}\n`, ...rows.map(line)].join('')
}

/** A section with its heading; empty when it has no body. */
export function section(heading: string, ...body: readonly string[]): string {
  const text = body.filter((part) => part !== '').join('\n')
  return text === '' ? '' : `${heading}\n\n${text}`
}

export function code(text: string): string {
  return `\`${text}\``
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}\n`).join('')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
