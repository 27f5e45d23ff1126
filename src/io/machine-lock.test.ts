import { describe, expect, it } from '@jest/globals'
import { underMachineLock } from './machine-lock.ts'

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('a lock of the machine', () => {
  it('lets work of one name happen one after the other', async () => {
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await pause(5)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => underMachineLock('machine-lock.test', work)))
    expect(most).toBe(1)
  })

  it('gives what the work gives, and throws what it throws, once', async () => {
    let runs = 0
    await expect(
      underMachineLock('machine-lock.test 2', () => {
        runs += 1
        return Promise.reject(new Error('of the work'))
      }),
    ).rejects.toThrow('of the work')
    expect(runs).toBe(1)
    expect(await underMachineLock('machine-lock.test 2', async () => 42)).toBe(42)
  })

  it('is done without where there is no folder for it', async () => {
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = '/no/such/folder'
    try {
      expect(await underMachineLock('machine-lock.test 3', async () => 'done')).toBe('done')
    } finally {
      process.env['TMPDIR'] = before ?? ''
      if (before === undefined) delete process.env['TMPDIR']
    }
  })
})
