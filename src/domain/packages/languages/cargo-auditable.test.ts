import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfLayers, type LayerFiles } from '../image.fake.ts'
import { elfOf, fatOf, machOOf, peOf } from '../program.fake.ts'

const folder = temporaryFolder()
const inventory = (files: LayerFiles) => inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), [files])

const list = {
  packages: [
    { name: 'app', version: '0.1.0', source: 'local', root: true, dependencies: [1, 2] },
    { name: 'itoa', version: '1.0.9', source: 'crates.io' },
    { name: 'cc', version: '1.0.0', source: 'crates.io', kind: 'build' },
  ],
}
const section = deflateSync(JSON.stringify(list))
const found = [
  ['pkg:cargo/app@0.1.0', ['pkg:cargo/itoa@1.0.9']],
  ['pkg:cargo/itoa@1.0.9', undefined],
]

describe('the crates of a program built with cargo-auditable', () => {
  test.each<[string, Buffer]>([
    ['ELF of 64 bits', elfOf({ '.text': Buffer.alloc(9000), '.dep-v0': section }, { bits: 64, order: 'little' })],
    ['ELF of 32 bits, big end first', elfOf({ '.text': Buffer.alloc(9000), '.dep-v0': section }, { bits: 32, order: 'big' })],
    ['PE, padded', peOf({ '.text': Buffer.alloc(9000), '.dep-v0': section })],
    ['Mach-O of 64 bits', machOOf({ __text: Buffer.alloc(9000), '.dep-v0': section })],
    ['Mach-O for two processors', fatOf([machOOf({ __text: Buffer.alloc(9000) }), machOOf({ '.dep-v0': section })])],
  ])('are read from %s, without those of the build', async (_, program) => {
    const { packages, unscannable } = await inventory({ 'usr/bin/app': [0o755, program] })
    expect([packages.map(({ purl, dependsOn }) => [purl, dependsOn]), unscannable]).toEqual([found, []])
  })

  test('are read by each name of a hard link, and of the last of two files of one path', async () => {
    const other = elfOf({ '.text': Buffer.alloc(9000), '.dep-v0': deflateSync('{"packages":[]}') }, { bits: 64, order: 'little' })
    const program = elfOf({ '.text': Buffer.alloc(9000), '.dep-v0': section }, { bits: 64, order: 'little' })
    const { packages } = await inventory({ 'a/../bin/app': other, 'bin/app': program, 'bin/link': ['hardlink', 'bin/app'] })
    expect(packages.map(({ purl, locations }) => [purl, locations.map(({ path }) => path)])).toEqual([
      ['pkg:cargo/app@0.1.0', ['bin/app', 'bin/link']],
      ['pkg:cargo/itoa@1.0.9', ['bin/app', 'bin/link']],
    ])
  })

  test('are none where only a text names the section', async () => {
    const program = elfOf({ '.text': Buffer.from(`${'x'.repeat(9000)}.dep-v0`) }, { bits: 64, order: 'little' })
    expect(await inventory({ 'usr/bin/app': program })).toEqual({ packages: [], unscannable: [] })
  })

  test.each<[string, Buffer, RegExp]>([
    ['no zlib', Buffer.from('nothing of the kind'), /header/],
    ['no JSON', deflateSync('{'), /JSON/],
    ['another JSON', deflateSync('[]'), /packages/],
    ['a bomb', deflateSync(Buffer.alloc(17 * 2 ** 20)), /larger/],
  ])('are named as not read when the section is %s', async (_, content, why) => {
    const program = elfOf({ '.text': Buffer.alloc(9000), '.dep-v0': content }, { bits: 64, order: 'little' })
    expect((await inventory({ 'bin/app': program })).unscannable).toEqual([{ path: 'bin/app', why: expect.stringMatching(why) }])
  })

  test('are named as not read when the program is cut', async () => {
    const program = elfOf({ '.dep-v0': section, '.text': Buffer.alloc(9000) }, { bits: 64, order: 'little' })
    const { unscannable } = await inventory({ 'bin/app': program.subarray(0, -30) })
    expect(unscannable.map(({ path }) => path)).toEqual(['bin/app'])
  })
})
