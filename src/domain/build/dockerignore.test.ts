import { describe, expect, it, test } from '@jest/globals'
import { contextFilter, looksLikeCredential, readDockerignore } from './dockerignore.ts'

describe('the lines of a .dockerignore', () => {
  it('are patterns, without comments, blank lines, CR and byte order mark', () => {
    expect(readDockerignore('\ufeff# first\r\na\r\n\r\n  \n #b\n!c\n')).toEqual(['a', ' #b', '!c'])
  })
})

describe('the filter of a context', () => {
  test.each([
    ['an ordinary file', '', 'server.js', 'take'],
    ['what the user ignores', 'docs\n', 'docs', 'skip'],
    ['an ignored folder with something to take back', 'docs\n!docs/a.md\n', 'docs', 'look'],
    ['an ignored folder with nothing to take back', 'docs\n!src/a.md\n', 'docs', 'skip'],
    ["git's data", '', '.git', 'skip'],
    ["a submodule's git file", '', 'vendor/.git', 'skip'],
    ["git's data, taken back", '!.git\n', '.git', 'skip'],
    ['our own state, taken back', '!.slipway\n', '.slipway', 'skip'],
    ['the ignore file', '', '.dockerignore', 'skip'],
    ['a folder that this build writes', '', 'out [1]', 'skip'],
    ['a credential', '', '.env', 'credential'],
    ['a credential in a folder of that name', '', 'a/.aws/credentials', 'credential'],
    ['an example of one', '', '.env.example', 'take'],
    ['a credential taken back', '!.env\n', '.env', 'take'],
    ['a credential that the user ignores', '.env\n', '.env', 'skip'],
    ['a credential in an allow-list by folder', '*\n!src/**\n', 'src/.env', 'credential'],
    ['a credential of google-github-actions/auth', '', 'gha-creds-0a1b.json', 'credential'],
  ] as const)('%s', (_, lines, path, choice) => {
    const folder = ['docs', '.git', '.slipway', 'out [1]'].includes(path)
    expect(contextFilter(lines, ['out [1]']).choose(path, folder)).toBe(choice)
  })

  it('decides below a folder from what it decided on the folder', () => {
    const filter = contextFilter('docs\n!docs/api\n')
    expect(['docs', 'docs/api'].map((path) => filter.choose(path, true))).toEqual(['look', 'take'])
    expect(['docs/a.md', 'docs/api/a.md', 'docs/api/.env'].map((path) => filter.choose(path, false))).toEqual([
      'skip',
      'take',
      'credential',
    ])
  })

  it('refuses a pattern that cannot be read, showing it', () => {
    expect(() => contextFilter('ok\nsrc/[a\n')).toThrow('.dockerignore: the pattern "src/[a" has a "[" without its "]"')
  })
})

describe('a name that commonly holds a credential', () => {
  test.each([
    ['.env', true],
    ['config/.env.production', true],
    ['.env.sample', false],
    ['home/.aws/credentials', true],
    ['keys/id_ed25519', true],
    ['keys/id_ed25519.pub', false],
    ['cosign.key', true],
    ['keys/import-cosign.key', true],
    ['cosign.pub', false],
    ['environment.ts', false],
  ])('%s: %s', (path, expected) => expect(looksLikeCredential(path)).toBe(expected))
})
