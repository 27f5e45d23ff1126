import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { TaskError } from '../../base/errors.ts'
import { type ReadAt, readElf } from './elf.ts'
import { tree } from './fixtures/tree.ts'
import { elfOf, librariesOf } from './libraries.ts'
import { machinePlatform } from './platforms.ts'

const from =
  (bytes: Buffer): ReadAt =>
  async (offset, length) =>
    bytes.subarray(offset, offset + length)

/** The smallest file with everything: a 64-bit program with an interpreter, two libraries and a search path. */
function program({ machine = 62, dynamicSize = 96, count = 3 } = {}): Buffer {
  const bytes = Buffer.alloc(0x300)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(count, 56)
  const segment = (index: number, type: number, offset: number, address: number, size: number): void => {
    bytes.writeUInt32LE(type, 64 + index * 56)
    bytes.writeBigUInt64LE(BigInt(offset), 64 + index * 56 + 8)
    bytes.writeBigUInt64LE(BigInt(address), 64 + index * 56 + 16)
    bytes.writeBigUInt64LE(BigInt(size), 64 + index * 56 + 32)
  }
  segment(0, 3, 0x100, 0x1100, 12)
  segment(1, 2, 0x120, 0x1120, dynamicSize)
  segment(2, 1, 0, 0x1000, 0x300)
  bytes.write('/lib/ld.so\0', 0x100)
  const entries = [
    [1, 1],
    [1, 6],
    [5, 0x1200],
    [29, 11],
    [0, 0],
  ]
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    bytes.writeBigUInt64LE(BigInt(tag), 0x120 + index * 16)
    bytes.writeBigUInt64LE(BigInt(value), 0x120 + index * 16 + 8)
  }
  bytes.write('\0a.so\0b.so\0$ORIGIN/x:/opt/y\0', 0x200)
  return bytes
}

describe('the headers of an ELF file', () => {
  it('say what it loads and who loads it', async () => {
    expect(await readElf(from(program()), 'x')).toEqual({
      bits: 64,
      architecture: 'amd64',
      interpreter: '/lib/ld.so',
      needed: ['a.so', 'b.so'],
      rpath: [],
      runpath: ['$ORIGIN/x', '/opt/y'],
    })
  })

  it.each([
    ['a text', Buffer.from(`#!/bin/sh\n${'x'.repeat(100)}`)],
    ['an empty file', Buffer.alloc(0)],
    ['too few bytes', program().subarray(0, 20)],
  ])('are not in %s', async (_, bytes) => expect(await readElf(from(bytes), 'x')).toBeUndefined())

  it.each([
    ['cut', program().subarray(0, 0x90), 'ends before its program headers'],
    ['with more headers than can be', program({ count: 60_000 }), 'program headers make no sense'],
    ['with a dynamic section beyond all measure', program({ dynamicSize: 2 ** 40 }), 'dynamic section is too large'],
  ])('are refused %s', async (_, bytes, why) => {
    await expect(readElf(from(bytes), 'x')).rejects.toMatchObject({ code: 'SW-BUILD-BINARY-BROKEN', message: expect.stringContaining(why) })
  })

  it('never make us fail in another way, whatever bytes are changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(0x2ff), fc.nat(255)), { maxLength: 12 }), async (changes) => {
        const bytes = program()
        for (const [offset, value] of changes) bytes[offset] = value
        try {
          await readElf(from(bytes), 'x')
        } catch (error) {
          expect(error).toBeInstanceOf(TaskError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the libraries of a program', () => {
  it('of the Node that runs this test: the C library, and all in one folder that the loader searches', async () => {
    const { loader, folder, files } = await librariesOf(process.execPath)
    expect(loader).toMatch(/^\/.*ld/)
    expect(folder).toMatch(/^\/(?:usr\/)?lib/)
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^libc[.-]/), expect.stringMatching(/^libstdc\+\+/)]),
    )
    expect(files.map(({ name }) => name)).toEqual(files.map(({ name }) => name).toSorted())
    for (const { from: path } of files) expect((await elfOf(path))?.architecture).toBe(machinePlatform('linux', process.arch).architecture)
  })

  it('are found where RUNPATH says, relative to the program', async () => {
    const bytes = program()
    await using folder = await tree({ 'bin/program': bytes, 'bin/x/a.so': program(), 'bin/x/b.so': program() })
    const { files } = await librariesOf(join(folder.folder, 'bin/program'))
    expect(files).toEqual([
      { name: 'a.so', from: join(folder.folder, 'bin/x/a.so') },
      { name: 'b.so', from: join(folder.folder, 'bin/x/b.so') },
    ])
  })

  it('for another processor do not count; the error says who needs what and where it was looked for', async () => {
    await using folder = await tree({ program: program(), 'x/a.so': program({ machine: 183 }), 'x/b.so': program() })
    const path = join(folder.folder, 'program')
    await expect(librariesOf(path)).rejects.toMatchObject({
      code: 'SW-BUILD-LIBRARIES',
      message: expect.stringMatching(
        new RegExp(`^${path} needs a\\.so, which is in none of ${folder.folder}/x, /opt/y, /lib/x86_64-linux-gnu`),
      ),
    })
  })

  it('cannot be told of a script', async () => {
    await using folder = await tree({ script: '#!/bin/sh\n' })
    await expect(librariesOf(join(folder.folder, 'script'))).rejects.toMatchObject({ code: 'SW-BUILD-LIBRARIES' })
  })
})

it('reads only headers: a program of any size costs the same', async () => {
  const bytes = await readFile(process.execPath)
  let read = 0
  const counting: ReadAt = async (offset, length) => {
    read += Math.min(length, bytes.length - offset)
    return bytes.subarray(offset, offset + length)
  }
  await readElf(counting, 'node')
  expect(read).toBeLessThan(128 * 1024)
})
