/** Values that get lost or changed wherever somebody quotes, expands, splits or trims, by what is special about them. */
export const hostile = [
  ['plain', 'plain'],
  ['quotes', `'single' "double" \`back\``],
  ['lines', 'one\ntwo\r\nthree\n'],
  ['a variable', '$(HOME)'],
  ['dollars', '$$ $$$ $'],
  ['brackets', '$(a $(b) c))'],
  ['emoji', '🚢 ñ \u2028'],
  ['twenty kilobytes', 'ab<&>'.repeat(4096)],
  ['nothing', ''],
  ['a leading dash', '--tags=x'],
  ['commands', '::error::x\n##[warning]y'],
  ['a heredoc', 'message<<EOF\nx\nEOF'],
] as const
