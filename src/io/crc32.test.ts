import { crc32 } from 'node:zlib'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { joinCrc32 } from './crc32.ts'

it('the checksum of two parts is that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }), (first, second) => {
      expect(joinCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])))
    }),
  )
})

it('of more than 4 GiB', () => {
  const megabyte = crc32(Buffer.alloc(2 ** 20))
  let joined = 0
  for (let size = 0; size < 5 * 2 ** 30; size += 2 ** 20) joined = joinCrc32(joined, megabyte, 2 ** 20)
  // Five gibibytes of zeros at once are the same as one megabyte after the other.
  let doubled = megabyte
  let size = 2 ** 20
  for (; size < 4 * 2 ** 30; size *= 2) doubled = joinCrc32(doubled, doubled, size)
  let quarter = megabyte
  for (let part = 2 ** 20; part < 2 ** 30; part *= 2) quarter = joinCrc32(quarter, quarter, part)
  expect(joinCrc32(quarter, doubled, size)).toBe(joined)
})
