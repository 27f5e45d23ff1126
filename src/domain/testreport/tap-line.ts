/** One line of TAP that means something (https://testanything.org/tap-version-14-specification.html). */
export type TapLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'plan'; readonly count: number; readonly reason: string | undefined }
  | { readonly kind: 'point'; readonly ok: boolean; readonly name: string; readonly directive: Directive | undefined }
  | { readonly kind: 'bail'; readonly reason: string }
  | { readonly kind: 'subtest'; readonly name: string }
  | { readonly kind: 'comment'; readonly text: string }

export interface Directive {
  readonly kind: 'skip' | 'todo' | 'time'
  readonly text: string
}

/** Reads a line without its indentation; undefined for everything else that a test prints, which TAP says to ignore. */
export function parseTapLine(line: string): TapLine | undefined {
  if (line.startsWith('#')) return parseComment(line)
  if (line.startsWith('ok') || line.startsWith('not ok')) return parsePoint(line)
  if (/^TAP version \d+$/i.test(line)) return { kind: 'version' }
  const [, count, reason] = /^1\.\.(\d{1,9})(?:\s+#\s*(.*))?$/.exec(line) ?? []
  if (count !== undefined) return { kind: 'plan', count: Number(count), reason }
  const [, bailed] = /^Bail out!\s*(.*)$/i.exec(line) ?? []
  return bailed === undefined ? undefined : { kind: 'bail', reason: bailed }
}

function parseComment(line: string): TapLine {
  const [, name] = /^# Subtest: (.*)$/.exec(line) ?? []
  return name === undefined ? { kind: 'comment', text: line.replace(/^#\s?/, '') } : { kind: 'subtest', name: unescaped(name) }
}

function parsePoint(line: string): TapLine | undefined {
  const [, not, rest] = /^(not )?ok\b(.*)$/.exec(line) ?? []
  if (rest === undefined || (rest !== '' && !/^\s/.test(rest))) return undefined
  const described = rest.replace(/^\s+\d{1,9}(?=\s|$)/, '').replace(/^\s*-?\s*/, '')
  // A `#` that is not escaped starts the directive; any other comment there belongs to the description.
  const [, text = '', kind, said = ''] = /^(.*?)(?:^|\s)(?<!\\)#\s*(skip|todo|time)\S*\s*(.*)$/i.exec(described) ?? []
  if (kind === undefined) return { kind: 'point', ok: not === undefined, name: unescaped(described.trim()), directive: undefined }
  const directive = kind.toLowerCase() as Directive['kind']
  const time = /#\s*time=(\S+)/i.exec(described)?.[1] ?? ''
  return {
    kind: 'point',
    ok: not === undefined,
    name: unescaped(text.trim()),
    directive: { kind: directive, text: directive === 'time' ? time : said.trim() },
  }
}

function unescaped(text: string): string {
  return text.replace(/\\([\\#])/g, '$1')
}
