import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GoInfoSearch, goPackages } from './go-binary.ts'

const modules = [
  'path\texample.com/app',
  'mod\texample.com/app\t(devel)\t',
  'dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:abc=',
  'dep\tgithub.com/old/name\tv1.0.0',
  '=>\tgithub.com/new/name\tv1.0.1\th1:def=',
  'dep\texample.com/beside\tv0.0.0',
  '=>\t../beside\t\t',
  'build\t-compiler=gc',
  '',
].join('\n')

function varint(size: number): Buffer {
  const bytes: number[] = []
  for (let rest = size; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128)
    if (rest < 128) return Buffer.from(bytes)
  }
}
const text = (content: Buffer): Buffer => Buffer.concat([varint(content.length), content])
const marked = (content: string): Buffer => Buffer.concat([Buffer.alloc(16, 1), Buffer.from(content), Buffer.alloc(16, 2)])
const magic = Buffer.from('\xff Go buildinf:', 'latin1')
const start = (pointer: number, flags: number, rest = Buffer.alloc(16)): Buffer =>
  Buffer.concat([magic, Buffer.from([pointer, flags]), rest])
const info = Buffer.concat([start(8, 2), text(Buffer.from('go1.22.3')), text(marked(modules))])

function search(program: Buffer, piece = 100): ReturnType<GoInfoSearch['result']> {
  const found = new GoInfoSearch()
  // As from a layer: the memory of a piece is used again.
  const memory = Buffer.alloc(piece)
  for (let at = 0; at < program.length; at += piece) {
    const size = program.copy(memory, 0, at, at + piece)
    found.add(memory.subarray(0, size))
  }
  return found.result()
}

describe('the build information of Go', () => {
  test('is found wherever pieces are cut, at a multiple of 16 bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 30 }), (piece, before) => {
        expect(search(Buffer.concat([Buffer.alloc(before * 16), info, Buffer.alloc(1000)]), piece)).toEqual({
          goVersion: 'go1.22.3',
          modules,
        })
      }),
      { numRuns: 50 },
    )
  })

  test.each<[string, Buffer, unknown]>([
    ['nothing', Buffer.alloc(5000), undefined],
    ['the magic alone, as in a program that looks for it', Buffer.concat([magic, Buffer.alloc(2000)]), undefined],
    ['the magic where it is not aligned', Buffer.concat([Buffer.alloc(8), info]), undefined],
    ['another text than a version', Buffer.concat([start(8, 2), text(Buffer.from('rust')), Buffer.alloc(100)]), undefined],
    [
      'a length beyond all measure',
      Buffer.concat([start(8, 2), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(100)]),
      undefined,
    ],
    ['an end within the information', info.subarray(0, 60), undefined],
    ['pointers to it (before Go 1.18)', Buffer.concat([start(8, 0, Buffer.alloc(16, 7)), Buffer.alloc(100)]), 'unreadable'],
  ])('of a program with %s is %#', (_, program, expected) => {
    expect(search(program)).toEqual(expected)
  })

  test('is found behind a magic that is none', () => {
    expect(search(Buffer.concat([magic, Buffer.alloc(2), Buffer.alloc(16), info]))).toMatchObject({ goVersion: 'go1.22.3' })
  })
})

test('the modules of a program are those that were built in, with the standard library', () => {
  expect(
    goPackages({ goVersion: 'go1.22.3 X:nocoverageredesign', modules }).map(({ namespace, name, version }) => [namespace, name, version]),
  ).toEqual([
    ['example.com', 'app', ''],
    ['github.com/BurntSushi', 'toml', 'v1.3.2'],
    ['github.com/new', 'name', 'v1.0.1'],
    ['example.com', 'beside', ''],
    [undefined, 'stdlib', '1.22.3'],
  ])
  expect(goPackages({ goVersion: 'devel go1.25-abc', modules: '' })).toEqual([])
})
