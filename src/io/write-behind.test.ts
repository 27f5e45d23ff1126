import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { compressPieces, type PieceStore } from './compress.ts'
import { decompress } from './decompress.ts'
import { openRanges } from './file-ranges.ts'
import { openRead, readPiecesSync } from './files.ts'
import { temporaryFolder } from './fixtures/folder.ts'
import { readTar } from './tar-reader.ts'
import { cutTar } from './tar-writer.ts'
import { type Target, WriteBehind } from './write-behind.ts'

/** A disk that takes the bytes of a piece only when a while has passed, and a few of them at a time. */
class SlowDisk implements Target {
  readonly parts: Buffer[] = []
  underway = 0
  readonly #failing: readonly string[]

  constructor(...failing: readonly ('write' | 'datasync')[]) {
    this.#failing = failing
  }

  async write(bytes: Uint8Array, from: number, size: number): Promise<{ readonly bytesWritten: number }> {
    await this.#wait('write', 4)
    const part = Buffer.from(bytes.subarray(from, from + Math.min(size, 700_000)))
    this.parts.push(part)
    return { bytesWritten: part.length }
  }

  async datasync(): Promise<void> {
    await this.#wait('datasync', 40)
  }

  async #wait(what: string, milliseconds: number): Promise<void> {
    this.underway += 1
    await delay(milliseconds)
    this.underway -= 1
    if (this.#failing.includes(what)) throw new Error(`${what} failed`)
  }
}

async function written(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const disk = new SlowDisk()
  const target = new WriteBehind(disk)
  for await (const piece of source) await target.write(piece)
  await target.end()
  return sha256(Buffer.concat(disk.parts))
}

describe('a file that is written behind its source', () => {
  it('tells a full disk with the next piece', async () => {
    const file = await open('/dev/full', 'w')
    const target = new WriteBehind(file)
    await target.write(Buffer.from('one'))
    await expect(target.write(Buffer.from('two'))).rejects.toMatchObject({ code: 'ENOSPC' })
    await file.close()
  })

  it('tells it at the end, where no piece comes any more', async () => {
    const file = await open('/dev/full', 'w')
    const target = new WriteBehind(file)
    await target.write(Buffer.from('one'))
    await expect(target.end()).rejects.toMatchObject({ code: 'ENOSPC' })
    await file.close()
  })

  it.each([
    [['write'], 'write failed'],
    [['datasync'], 'datasync failed'],
    [['write', 'datasync'], 'write failed'],
  ] as const)('has nothing on its way when it ends, whatever fails: %j', async (failing, message) => {
    const disk = new SlowDisk(...failing)
    const target = new WriteBehind(disk)
    await target.write(Buffer.alloc(16 * 2 ** 20))
    await expect(target.end()).rejects.toThrow(message)
    expect(disk.underway).toBe(0)
  })
})

const folder = temporaryFolder()
/** Of more pieces than are compressed at once. */
const content = Buffer.alloc(20 * 2 ** 20).map((_, at) => (at * 31 + (at >> 12)) % 251)
const path = join(folder, 'content')
writeFileSync(path, content)
const entry = { path: 'run', type: 'file', mode: 0o644, size: content.length, mtime: 1, uid: 0, gid: 0, stamp: 'a' } as const
const tar = () => cutTar([{ ...entry, content: () => readPiecesSync(path, [Buffer.alloc(100_000)]) }])
const algorithms = ['gzip', 'zstd', 'none'] as const

describe('a slow disk gets each byte as it was', () => {
  it.each([
    ['two buffers in turn', () => readPiecesSync(path, [Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 20)])],
    ['a stream of a file', () => openRead(path)],
    ['what was compressed', () => decompress(Readable.from([gzipSync(content, { level: 1 })]), 'gzip')],
    ['a member of an archive', () => membersOf(decompress(openRead(path, {}), 'none'))],
  ])('from %s', async (_, source) => {
    expect(await written(source())).toBe(sha256(content))
  })

  it.each(algorithms)('from what becomes %s, and from pieces of that', async (algorithm) => {
    const whole: Buffer[] = []
    for await (const piece of compressPieces(tar(), { algorithm })) whole.push(Buffer.from(piece))
    const blob = join(folder, algorithm)
    writeFileSync(blob, Buffer.concat(whole))
    expect(await written(compressPieces(tar(), { algorithm }))).toBe(sha256(Buffer.concat(whole)))
    if (algorithm !== 'none')
      expect(await written(compressPieces(tar(), { algorithm }, shelf(blob, whole)))).toBe(sha256(Buffer.concat(whole)))
  })
})

async function* membersOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const archive = async function* (): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of cutTar([{ ...entry, content: () => source }])) yield Buffer.from(bytes)
  }
  for await (const { body } of readTar(archive())) yield* body
}

/** The pieces of a blob, in the order in which they are asked for, in memory that is used again. */
function shelf(blob: string, parts: readonly Buffer[]): PieceStore {
  const reader = openRanges(blob)
  const frames = parts.filter(({ length }) => length > 20)
  let next = 0
  return {
    find: () => {
      const frame = frames[next]
      next += 1
      if (frame === undefined) throw new Error('more pieces than there were')
      const start = parts.slice(0, parts.indexOf(frame)).reduce((sum, { length }) => sum + length, 0)
      const part = reader?.read(start, frame.length)
      if (part === undefined) throw new Error('the piece is not there')
      return { ...part, isTrusted: true }
    },
    note: () => undefined,
  }
}
