import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { compareBytes, type WalkedFile } from '../../io/files.ts'
import { completeEntries, type LayerEntry, placeFiles } from './entries.ts'

const file = (path: string, more: Partial<WalkedFile> = {}): WalkedFile => ({
  path,
  absolute: `/context/${path}`,
  kind: 'file',
  size: 1,
  mode: 0o644,
  modified: 0,
  changed: 0,
  links: 1,
  device: 0,
  inode: 0,
  ...more,
})
const entry = (path: string): LayerEntry => ({ kind: 'file', path, mode: 0o644, content: Buffer.from('x') })
const paths = (entries: readonly LayerEntry[]): readonly string[] => entries.map(({ path }) => path)

describe('files of a context, as entries of a layer', () => {
  test.each([
    ['the whole context', 'src/a.js', { to: 'app' }, 'app/src/a.js'],
    ['a folder of it', 'dist/js/a.js', { from: 'dist', to: 'srv' }, 'srv/js/a.js'],
    ['a folder into the root', 'dist/a.js', { from: 'dist', to: '' }, 'a.js'],
    ['one file under a new name', 'bin/server', { from: 'bin/server', to: 'usr/bin/app' }, 'usr/bin/app'],
  ])('%s', (_, path, place, expected) => {
    expect(placeFiles([file(path)], place)[0]?.path).toBe(expected)
  })

  test.each([
    [0o600, 0o644],
    [0o666, 0o644],
    [0o700, 0o755],
    [0o645, 0o755],
    [0o4755, 0o755],
  ])('mode %o becomes %o', (mode, expected) => {
    expect(placeFiles([file('a', { mode })], { to: '' })[0]).toMatchObject({ mode: expected })
  })

  test.each(['file', 'sub/../file', '../top', '..hidden', './x'])('a link in a folder to %s is kept as it is written', (target) => {
    expect(placeFiles([file('folder/link', { kind: 'symlink', target })], { to: '' })).toEqual([
      { kind: 'symlink', path: 'folder/link', target },
    ])
  })

  test.each(['/etc/passwd', '../../outside', '..', '../..', 'a/../../../x'])(
    'a link at the top to %s is refused, with what to do',
    (target) => {
      expect(() => placeFiles([file('link', { kind: 'symlink', target })], { to: '' })).toThrow(
        expect.objectContaining({
          code: 'SW-BUILD-SYMLINK-OUTSIDE',
          message: expect.stringContaining(`link to ${target}`),
          hint: expect.stringContaining("'/link'"),
        }),
      )
    },
  )

  it('a socket, pipe or device is refused by its path', () => {
    expect(() => placeFiles([file('run/app.sock', { kind: 'other' })], { to: '' })).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-FILE-KIND', message: expect.stringContaining('run/app.sock') }),
    )
  })
})

describe('a complete layer', () => {
  it('has every parent, sorted by bytes, with one mode for folders', () => {
    expect(completeEntries([entry('b/c/d'), entry('a-b'), entry('a/x'), entry('é')])).toEqual([
      { kind: 'directory', path: 'a', mode: 0o755 },
      entry('a-b'),
      entry('a/x'),
      { kind: 'directory', path: 'b', mode: 0o755 },
      { kind: 'directory', path: 'b/c', mode: 0o755 },
      entry('b/c/d'),
      entry('é'),
    ])
  })

  it('keeps the modes of folders that programs rely on', () => {
    const modes = completeEntries([entry('tmp/a'), entry('var/tmp/b'), entry('root/c')]).flatMap((each) =>
      each.kind === 'directory' ? [[each.path, each.mode]] : [],
    )
    expect(modes).toEqual([
      ['root', 0o700],
      ['tmp', 0o1777],
      ['var', 0o755],
      ['var/tmp', 0o1777],
    ])
  })

  it('takes a path of 255 bytes, not of 256', () => {
    const longest = `${'d'.repeat(127)}/${'é'.repeat(63)}x`
    expect(paths(completeEntries([entry(longest)]))).toContain(longest)
    expect(() => completeEntries([entry(`${longest}y`)])).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-PATH-TOO-LONG', message: expect.stringContaining('256 bytes') }),
    )
  })

  test.each(['.wh.a', 'x/.wh..wh..opq'])('refuses %s, which would delete what is below', (path) => {
    expect(() => completeEntries([entry(path)])).toThrow(expect.objectContaining({ code: 'SW-BUILD-FILE-KIND' }))
  })

  const name = fc
    .string({ unit: fc.constantFrom('a', 'b', '-', '.x', 'é', '\uffee', '😀', ' '), minLength: 1, maxLength: 3 })
    .map((text) => `n${text}`)
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

  it('for any paths: each once, parents before children, in the order of bytes, whatever order they came in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), fc.func(fc.integer()), (all, order) => {
        // A path that is also a folder of another cannot be a file.
        const files = all.filter((one) => !all.some((other) => other.startsWith(`${one}/`))).map(entry)
        const complete = paths(completeEntries(files))
        const shuffled = completeEntries(files.toSorted((a, b) => order(a.path) - order(b.path)))
        expect(paths(shuffled)).toEqual(complete)
        expect(new Set(complete).size).toBe(complete.length)
        expect(complete.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(complete)
        for (const [index, one] of complete.entries()) {
          const parent = one.split('/').slice(0, -1).join('/')
          expect(parent === '' || complete.slice(0, index).includes(parent)).toBe(true)
        }
      }),
    )
  })

  it('orders as the bytes do where JavaScript would not', () => {
    expect(['\u{1f600}', '\uffee'].toSorted(compareBytes)).toEqual(['\uffee', '\u{1f600}'])
  })
})
