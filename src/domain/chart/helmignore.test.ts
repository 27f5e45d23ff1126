import { expect, test } from '@jest/globals'
import { chartInvalid } from './errors.ts'
import { parseHelmignore } from './helmignore.ts'

/** By Helm's own rules: pkg/ignore of helm 3. A folder ends with a slash. */
test.each<[string, string, readonly string[], readonly string[]]>([
  ['a name, wherever it is', 'notes.txt', ['notes.txt', 'a/notes.txt'], ['notes.txt.bak', 'a/xnotes.txt']],
  ['a wildcard within a name', '*.swp', ['a.swp', 'templates/.b.swp'], ['swp', 'a.swp/c']],
  ['a path from the root', '/notes.txt', ['notes.txt'], ['a/notes.txt']],
  ['a path with a slash, from the root too', 'docs/*.md', ['docs/a.md'], ['a.md', 'x/docs/a.md', 'docs/a/b.md']],
  ['folders only', '.git/', ['.git/'], ['.git']],
  ['one letter and a range', '[a-c]?.txt', ['b1.txt'], ['d1.txt', 'b.txt', 'b12.txt']],
  ['not of a range', '[^a].txt', ['b.txt'], ['a.txt']],
  ['an escaped wildcard', '\\*.txt', ['*.txt'], ['a.txt']],
  ['all that a negative one does not match', '!*.yaml', ['a.txt', 'x/'], ['a.yaml']],
  ['blank lines and remarks', '# *.yaml\n\n  \n', [], ['a.yaml', '# *.yaml']],
  ['hidden files of templates, always', '', ['templates/.hidden'], ['templates/a.yaml', '.hidden']],
  ['signs that mean nothing to it', 'a+(b).txt', ['a+(b).txt'], ['aab.txt']],
])('%s', (_, text, left, kept) => {
  const ignored = parseHelmignore(text)
  const isLeft = (path: string): boolean => ignored(path.replace(/\/$/, ''), path.endsWith('/'))
  expect([left.filter((path) => !isLeft(path)), kept.filter(isLeft)]).toEqual([[], []])
})

test.each(['**/a', '[a', 'a\\', '[z-a]'])('%j is refused, as Helm refuses it', (line) => {
  expect(() => parseHelmignore(line)).toThrow(expect.objectContaining({ code: chartInvalid.code }))
})
