import dockerignore from '@balena/dockerignore'
import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { compilePatterns, literalPattern, PatternFault } from './patterns.ts'

/** As a walk does it: folder by folder. */
function matches(patterns: readonly string[], path: string): boolean {
  const compiled = compilePatterns(patterns)
  const parts = path.split('/')
  for (const end of parts.keys()) compiled.matches(parts.slice(0, end).join('/'), true)
  return compiled.matches(path)
}

describe('a path against patterns, as Docker decides', () => {
  test.each<[string, readonly string[], string, boolean]>([
    ['a name at the top', ['dist'], 'dist', true],
    ['not the same name deeper', ['dist'], 'src/dist', false],
    ['what lies in a matched folder', ['dist'], 'dist/a/b.js', true],
    ['a leading slash', ['/dist'], 'dist/x', true],
    ['a trailing slash, on a file too', ['dist/'], 'dist', true],
    ['"./" and ".."', ['./a/../dist'], 'dist', true],
    ['blanks around', ['  dist '], 'dist', true],
    ['* stays in its segment', ['*.md'], 'docs/a.md', false],
    ['* in its segment', ['*.md'], 'README.md', true],
    ['* matches a dot file', ['*'], '.env', true],
    ['? is one character', ['a?c'], 'abc', true],
    ['? is one code point', ['a?c'], 'a😀c', true],
    ['? is no slash', ['a?c'], 'a/c', false],
    ['** is any depth', ['**/test'], 'a/b/test/c', true],
    ['** is no depth too', ['**/test'], 'test', true],
    ['**/x is not …x', ['**/test'], 'latest', false],
    ['**x is …x, as in moby', ['**test'], 'a/latest', true],
    ['** at the end', ['a/**'], 'a/b/c', true],
    ['** at the end is not the folder itself', ['a/**'], 'a', false],
    ['** in the middle', ['a/**/z'], 'a/b/c/z/file', true],
    ['** within a name, and folders below the match', ['a**b'], 'a/x/b/c', true],
    ['a run of **', ['**/**/**/x'], 'a/x', true],
    ['! takes back', ['*', '!src'], 'src/a.js', false],
    ['! takes back below a matched folder', ['docs', '!docs/README.md'], 'docs/README.md', false],
    ['a later pattern wins again', ['*', '!src', 'src/b'], 'src/b', true],
    ['! on a folder that was not matched itself takes nothing back, as in BuildKit', ['**/*.md', '!docs'], 'docs/a.md', true],
    ['! before has no effect', ['!a', '*'], 'a', true],
    ['a range', ['a[b-d]e'], 'ace', true],
    ['a negated range', ['a[^b-d]e'], 'ace', false],
    ['an escaped wildcard', ['a\\*b'], 'axb', false],
    ['an escaped bracket within brackets', ['[\\]a]'], ']', true],
    ['an escaped dash within brackets', ['[x\\-]'], '-', true],
    ['letters of expressions are only letters', ['a.b+(c)|{d}$^'], 'a.b+(c)|{d}$^', true],
    ['+ repeats nothing', ['a+b'], 'aab', false],
    ['case matters', ['Dist'], 'dist', false],
    ['names of object members are only names', ['*'], 'constructor', true],
    ['composed and decomposed letters differ', ['\u00e9'], 'e\u0301', false],
  ])('%s: %j on %s', (_, patterns, path, expected) => {
    expect(matches(patterns, path)).toBe(expected)
  })

  test.each(['[', 'a[', '[]a]', '[^', '[b-a]', '!', ' ! '])('%s cannot be read', (pattern) => {
    expect(() => compilePatterns([pattern])).toThrow(PatternFault)
  })
})

const name = fc.constantFrom('a', 'b', 'ab', 'a.b', 'x')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const segment = fc.constantFrom('a', 'b', '*', 'a*', '?', '**', 'ab', '*.b')
const pattern = fc
  .tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 3 }))
  .map(([negative, parts]) => `${negative ? '!' : ''}${parts.join('/')}`)
const patterns = fc.array(pattern, { maxLength: 5 })
const positive = pattern.map((text) => text.replace('!', ''))

describe('for any patterns', () => {
  // The port follows Docker 19.03, before BuildKit: it differs on `!` below folders, and on `**` within a segment.
  test.each([
    ['positive patterns, any path', fc.array(positive, { maxLength: 5 }), path],
    ['any patterns, a path at the top', patterns, name],
  ])('agrees with the port of Docker 19.03: %s', (_, lists, paths) => {
    fc.assert(
      fc.property(lists, paths, (lines, file) => {
        expect(matches(lines, file)).toBe(
          dockerignore
            .default({ ignorecase: false })
            .add([...lines])
            .ignores(file),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('never says that nothing can come back below a folder when something does', () => {
    fc.assert(
      fc.property(patterns, path, name, (lines, folder, file) => {
        const comesBack = matches(lines, folder) && !matches(lines, `${folder}/${file}`)
        expect(comesBack && !compilePatterns(lines).mayTakeBack(folder)).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('a literal pattern matches its own path only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z*?[\]!#\\]{1,6}$/), fc.stringMatching(/^[a-z*?[\]!#\\]{1,6}$/), (own, other) => {
        expect(matches([literalPattern(own)], own)).toBe(true)
        expect(matches([literalPattern(own)], other)).toBe(own === other)
      }),
    )
  })
})
