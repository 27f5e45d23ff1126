import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { isInside, resolveInside } from './files.ts'
import { fill, temporaryFolder } from './fixtures/folder.ts'

const folder = temporaryFolder()
const root = join(folder, 'root')
fill(folder, { 'root/sub/file': '', 'outside/file': '', 'root-2/file': '' })
symlinkSync('sub', join(root, 'to-sub'))
symlinkSync('../outside', join(root, 'to-outside'))
symlinkSync('../outside/new', join(root, 'to-new-outside'))
symlinkSync('/etc', join(root, 'sub', 'to-etc'))
symlinkSync('loop', join(root, 'loop'))
symlinkSync('to-sub/../to-outside', join(root, 'winding'))
symlinkSync('root', join(folder, 'other-name'))

describe('inside', () => {
  test.each([
    ['.', ''],
    ['sub/file', 'sub/file'],
    ['./sub/../sub/file', 'sub/file'],
    ['to-sub/file', 'sub/file'],
    ['new/not/there', 'new/not/there'],
    ['to-sub/new', 'sub/new'],
    ['..file', '..file'],
    [join(root, 'sub'), 'sub'],
  ])('%s', async (path, expected) => {
    expect(await resolveInside(root, path)).toBe(join(root, expected))
  })

  it('also by another name of the root', async () => {
    expect(await resolveInside(join(folder, 'other-name'), join(folder, 'other-name', 'sub'))).toBe(join(root, 'sub'))
  })
})

describe('outside', () => {
  test.each([
    '..',
    '../outside/file',
    'sub/../../outside',
    '/etc/passwd',
    join(folder, 'root-2', 'file'),
    'to-outside',
    'to-outside/file',
    'to-outside/new',
    'to-new-outside',
    'sub/to-etc/passwd',
    'winding/file',
  ])('%s', async (path) => {
    await expect(resolveInside(root, path)).rejects.toMatchObject({
      code: 'SW-PATH-OUTSIDE',
      message: expect.stringContaining(`expected a path inside ${root}`),
    })
  })

  it('a link to itself leads nowhere', async () => {
    await expect(resolveInside(root, 'loop/file')).rejects.toMatchObject({
      code: 'SW-FILE-FAILED',
      message: expect.stringContaining('ELOOP'),
    })
  })

  it('a root that is missing', async () => {
    await expect(resolveInside(join(folder, 'none'), 'a')).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
  })
})

test.each([
  ['/a', '/a', true],
  ['/a', '/a/b', true],
  ['/a', '/a/..b', true],
  ['/a', '/ab', false],
  ['/a', '/', false],
  ['/', '/a', true],
])('isInside(%s, %s) is %s', (outer, inner, expected) => {
  expect(isInside(outer, inner)).toBe(expected)
})
