import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { underLock } from './file-lock.ts'
import { temporaryFolder } from './fixtures/folder.ts'

const root = temporaryFolder()
/** Milliseconds for which a machine may stand still while work is under a lock. */
const patience = 60_000

const newLock = (): { readonly folder: string; readonly path: string } => {
  const folder = mkdtempSync(join(root, 'lock-'))
  return { folder, path: join(folder, 'lock') }
}

describe('work under a lock', () => {
  it('is done one piece after the other', async () => {
    const { folder, path } = newLock()
    const said: string[] = []
    const piece = (name: string) => async (): Promise<string> => {
      said.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      said.push(`${name} ends`)
      return name
    }
    const names = ['a', 'b', 'c', 'd', 'e']
    expect(await Promise.all(names.map((name) => underLock(path, piece(name), patience)))).toEqual(names)
    const order = said.filter((line) => line.endsWith('begins')).map((line) => line.slice(0, 1))
    expect(said).toEqual(order.flatMap((name) => [`${name} begins`, `${name} ends`]))
    expect(readdirSync(folder)).toEqual([])
  })

  it('that fails gives the lock back', async () => {
    const { path } = newLock()
    await expect(underLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await underLock(path, async () => 'done')).toBe('done')
  })

  it.each(['of one that was killed', ''])('does not wait for ever for the sign %j', async (sign) => {
    const { folder, path } = newLock()
    writeFileSync(path, sign)
    expect(await Promise.all(['a', 'b', 'c'].map((name) => underLock(path, async () => name, 500)))).toEqual(['a', 'b', 'c'])
    expect(readdirSync(folder)).toEqual([])
  })

  it('in a folder that is not there is an error that names it', async () => {
    const path = join(newLock().folder, 'none', 'lock')
    await expect(underLock(path, async () => 'done')).rejects.toMatchObject({
      code: 'SW-FILE-MISSING',
      message: expect.stringContaining(path),
    })
  })
})
