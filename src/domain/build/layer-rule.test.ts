import { describe, expect, it, test } from '@jest/globals'
import type { WalkedFile } from '../../io/files.ts'
import { filesOf, parseLayerRule } from './layer-rule.ts'

describe('a layer as the user writes it', () => {
  test.each([
    ['dist:/app', { from: 'dist', to: 'app', intoFolder: false }],
    ['./dist/:/app/', { from: 'dist', to: 'app', intoFolder: true }],
    ['.:/', { from: '', to: '', intoFolder: true }],
    [':/srv', { from: '', to: 'srv', intoFolder: false }],
    ['a//b/../c:/x//y/./z', { from: 'a/c', to: 'x/y/z', intoFolder: false }],
    ['lib:/libraries', { from: 'lib', to: 'libraries', intoFolder: false }],
  ])('%s', (text, expected) => {
    expect(parseLayerRule(text)).toMatchObject({ text, ...expected })
  })

  test.each([
    ['dist', 'has no ":"'],
    ['', 'has no ":"'],
    ['dist:app', 'destination "app"'],
    ['/dist:/app', 'absolute source'],
    ['../x:/app', 'outside of the context'],
    ['a/../../x:/app', 'outside of the context'],
    ['dist:/bin/app', 'expected /usr/bin'],
    ['dist:/lib64', 'symbolic link'],
    ['dist:/var/run/app', '/var/run'],
    ['dist:/proc', 'mount over'],
    ['dist:/app/../sys/x', 'mount over'],
    ['dist:/app:a[', 'pattern "a["'],
  ])('%s cannot be used', (text, why) => {
    expect(() => parseLayerRule(text)).toThrow(expect.objectContaining({ code: 'SW-BUILD-LAYER', message: expect.stringContaining(why) }))
  })
})

describe('the files that a layer takes', () => {
  const file = (path: string): WalkedFile => ({
    path,
    absolute: `/c/${path}`,
    kind: path.endsWith('/') ? 'directory' : 'file',
    size: 0,
    mode: 0,
    modified: 0,
    changed: 0,
    links: 1,
    device: 0,
    inode: 0,
  })
  const files = [
    'a.txt',
    'dist/',
    'dist/a.js',
    'dist/a.map',
    'dist/sub/',
    'dist/sub/b.js',
    'dist/sub/b.map',
    'distant/',
    'distant/c.js',
  ].map((path) => ({ ...file(path), path: path.replace(/\/$/, '') }))

  test.each([
    ['dist:/app', ['dist/a.js', 'dist/a.map', 'dist/sub', 'dist/sub/b.js', 'dist/sub/b.map']],
    ['dist:/app:**/*.js', ['dist/a.js', 'dist/sub/b.js']],
    ['dist:/app:*.js', ['dist/a.js']],
    ['dist:/app:!**/*.map', ['dist/a.js', 'dist/sub', 'dist/sub/b.js']],
    ['dist:/app:sub|!sub/*.map', ['dist/sub', 'dist/sub/b.js']],
    ['dist/a.js:/app/', ['dist/a.js']],
    [':/app:*.txt', ['a.txt']],
    ['none:/app', []],
  ])('%s', (text, expected) => {
    expect(filesOf(parseLayerRule(text), files).map(({ path }) => path)).toEqual(expected)
  })

  it('a folder that is left out by a pattern has its files left out', () => {
    expect(filesOf(parseLayerRule('dist:/app:!sub'), files).map(({ path }) => path)).toEqual(['dist/a.js', 'dist/a.map'])
  })
})
