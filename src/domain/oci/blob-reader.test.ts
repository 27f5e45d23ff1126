import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from '@jest/globals'
import { BlobReader } from './blob-reader.ts'

const content = '0123456789abcdef'

function source(pieces: readonly string[] = ['012', '3456789', 'abcdef'], end = (): void => undefined) {
  let opened = 0
  const open = (): Readable => {
    opened += 1
    const bytes = async function* (): AsyncGenerator<Buffer> {
      for (const piece of pieces) yield Buffer.from(piece)
      end()
    }
    return Readable.from(bytes(), { objectMode: false })
  }
  return { size: content.length, open, opened: () => opened }
}

it('gives one part after the other out of one opening, wherever the pieces end', async () => {
  const blob = source()
  const reader = new BlobReader(blob)
  for (const [start, end] of [
    [0, 1],
    [1, 3],
    [3, 12],
    [12, 16],
  ] as const)
    expect((await buffer(reader.part(start, end).open())).toString()).toBe(content.slice(start, end))
  expect(blob.opened()).toBe(1)
})

it.each([
  ['again', 0, 5],
  ['from further on', 9, 14],
  ['from before', 2, 3],
])('opens anew for a part %s', async (_, start, end) => {
  const blob = source()
  const reader = new BlobReader(blob)
  await buffer(reader.part(0, 5).open())
  expect((await buffer(reader.part(start, end).open())).toString()).toBe(content.slice(start, end))
  expect(blob.opened()).toBe(2)
})

it('opens anew after a part that was given up half read', async () => {
  const blob = source()
  const reader = new BlobReader(blob)
  for await (const _ of reader.part(0, 10).open()) break
  expect((await buffer(reader.part(0, 16).open())).toString()).toBe(content)
})

it('lets the source check itself after the last byte', async () => {
  const reader = new BlobReader(
    source([content], () => {
      throw new Error('another digest')
    }),
  )
  expect((await buffer(reader.part(0, 8).open())).toString()).toBe('01234567')
  await expect(buffer(reader.part(8, 16).open())).rejects.toThrow('another digest')
})

it('passes on a byte too many, for the request to notice', async () => {
  const reader = new BlobReader(source([content, 'more']))
  expect((await buffer(reader.part(8, 16).open())).toString()).toBe('89abcdefmore')
})

it('ends early when the source does', async () => {
  const reader = new BlobReader(source(['012']))
  expect((await buffer(reader.part(0, 16).open())).toString()).toBe('012')
})
