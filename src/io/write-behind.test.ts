import { open } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { WriteBehind } from './write-behind.ts'

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
})
