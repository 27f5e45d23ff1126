import { existsSync } from 'node:fs'
import { readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { fill } from '../build/fixtures/tree.ts'
import { blob, build, entriesOf, expected, place, settled, unreadable } from './fixtures/place.ts'

describe('what is kept', () => {
  it('takes no more than the limit: what was used longest ago goes', async () => {
    await using where = await place()
    const sizeOf = async (): Promise<number> =>
      (
        await Promise.all((await readdir(where.path('cache/blobs/sha256'))).map((name) => stat(where.path(`cache/blobs/sha256/${name}`))))
      ).reduce((sum, { size }) => sum + size, 0)
    const first = await build(where)
    const one = await sizeOf()
    const cache = { limit: Math.round(one * 2.5) }
    for (const text of ['one', 'two', 'three']) {
      await fill(where.path('project'), { 'src/0.js': text })
      await settled()
      await build(where, { cache })
      expect(await sizeOf()).toBeLessThanOrEqual(cache.limit)
    }
    expect(existsSync(blob(where.path, first))).toBe(false)
    expect(await readdir(where.path('cache/layers'))).toHaveLength(2)
    expect(await build(where, { entries: unreadable(await entriesOf(where)), cache })).toBe(await expected(where))
  })

  it('is nothing larger than the limit', async () => {
    await using where = await place()
    expect(await build(where, { cache: { limit: 1000 } })).toBe(await expected(where))
    expect(await readdir(where.path('cache/blobs/sha256'))).toEqual([])
  })

  it('is rid of what killed runs left, when it is old', async () => {
    await using where = await place()
    await build(where)
    const old = where.path(`cache/layers/.cut.tmp`)
    const young = where.path(`cache/.incoming-young`)
    for (const file of [old, young]) await writeFile(file, 'x')
    await utimes(old, 1000, 1000)
    await build(where)
    expect([existsSync(old), existsSync(young)]).toEqual([false, true])
  })
})
