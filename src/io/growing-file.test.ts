import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from './fixtures/folder.ts'
import { GrowingFile } from './growing-file.ts'

const folder = temporaryFolder()
let count = 0

/** A file with nothing in it yet, and what is read of it behind the writer's back. */
function begin() {
  count += 1
  const path = join(folder, `growing-${count}`)
  writeFileSync(path, '')
  const file = new GrowingFile()
  const [source, hash] = [file.read(), createHash('sha256')]
  const read = (async () => {
    let size = 0
    for await (const piece of source) {
      hash.update(piece)
      size += piece.length
    }
    return { size, digest: hash.digest('hex') }
  })()
  read.catch(() => undefined)
  let size = 0
  const write = (bytes: Buffer): void => {
    appendFileSync(path, bytes)
    size += bytes.length
    file.grew(path, size)
  }
  return { file, path, read, write }
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('a file that is read while it is written', () => {
  it.each([[[5]], [[1, 1, 1]], [[3_000_000]], [[1_048_576, 1_048_576]], [[700_000, 2_500_000, 1]]])(
    'gives what was written: %j',
    async (sizes) => {
      const { file, read, write } = begin()
      const parts = sizes.map((size) => randomBytes(size))
      for (const part of parts) {
        write(part)
        await turn()
      }
      file.end()
      const whole = Buffer.concat(parts)
      expect(await read).toEqual({ size: whole.length, digest: digestOf(whole) })
      file.close()
    },
  )

  it('goes on under another name', async () => {
    const { file, path, read, write } = begin()
    const [first, second] = [randomBytes(10), randomBytes(20)]
    write(first)
    renameSync(path, `${path}.done`)
    appendFileSync(`${path}.done`, second)
    file.grew(path, 30)
    file.end()
    expect((await read).digest).toBe(digestOf(Buffer.concat([first, second])))
    file.close()
  })

  it('says how much of it a reader has had', async () => {
    const { file, read, write } = begin()
    const told: number[] = []
    write(randomBytes(1_500_000))
    file.watch((size) => told.push(size))
    file.end()
    await read
    expect(told).toEqual([1_048_576, 1_500_000])
    file.close()
  })

  it('can be read again from its beginning', async () => {
    const { file, read, write } = begin()
    write(randomBytes(2_000_000))
    file.end()
    await read
    let size = 0
    for await (const piece of file.read()) size += piece.length
    expect(size).toBe(2_000_000)
    file.close()
  })

  it.each([
    ['that nobody writes any more', ({ file }: ReturnType<typeof begin>) => file.close(), 'the file was closed'],
    ['whose writer has failed', ({ file }: ReturnType<typeof begin>) => file.fail(new Error('the disk is full')), 'the disk is full'],
    [
      'shorter than its writer says',
      ({ file, path }: ReturnType<typeof begin>) => file.grew(path, 20),
      'the file ended at byte 10, expected 20',
    ],
  ])('is an error where it is one %s', async (_, happens, message) => {
    const begun = begin()
    begun.write(randomBytes(10))
    await turn()
    happens(begun)
    await expect(begun.read).rejects.toThrow(message)
    begun.file.close()
  })

  it('that cannot be opened is an error of who reads it, not of who writes it', async () => {
    const file = new GrowingFile()
    file.grew(join(folder, 'not-there'), 10)
    await expect(file.read()[Symbol.asyncIterator]().next()).rejects.toThrow('cannot be read')
  })

  it('is closed, whether it was read or not', () => {
    const open = (): number => readdirSync('/proc/self/fd').length
    const before = open()
    const { file, write } = begin()
    write(randomBytes(10))
    expect(open()).toBe(before + 1)
    file.close()
    file.close()
    expect(open()).toBe(before)
  })
})
