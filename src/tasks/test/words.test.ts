import { expect, test } from '@jest/globals'
import { wordsOf } from './words.ts'

test.each([
  ['npm run test:ci', ['npm', 'run', 'test:ci']],
  ['  make   check\tall ', ['make', 'check', 'all']],
  [`pytest -k "a and b" 'x y'`, ['pytest', '-k', 'a and b', 'x y']],
  [`echo it"'"s fine`, ['echo', "it's", 'fine']],
  ['a\\ b c', ['a b', 'c']],
  [`empty '' ""`, ['empty', '', '']],
  [`glob 'a*' "b?"`, ['glob', 'a*', 'b?']],
  ['mvn -Dtest=A#b', ['mvn', '-Dtest=A#b']],
  ['', []],
])('%j are the words %j', (line, words) => {
  expect(wordsOf(line)).toEqual(words)
})

test.each([
  ['npm test && npm run lint', '&&'],
  ['make | tee log', '|'],
  ['echo $HOME', '$HOME'],
  ['echo "$HOME"', '"$HOME"'],
  ['ls *.xml', '*.xml'],
  ['a > b', '>'],
  ['a `b`', '`b`'],
  ["it's open", "'s"],
])('%j needs a shell for %j', (line, part) => {
  expect(wordsOf(line)).toEqual({ needsShell: part })
})
