import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskError } from '../base/errors.ts'
import { underLock } from './file-lock.ts'

/**
 * Does a short piece of work while no other process of this user on this machine does any of the same name. Where the folder for
 * temporary files cannot be written the work is done all the same: the lock spares a race, it is not what decides one.
 */
export async function underMachineLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const path = join(
    tmpdir(),
    `slipway-${createHash('sha256')
      .update(`${process.getuid?.() ?? ''} ${name}`)
      .digest('hex')
      .slice(0, 24)}.lock`,
  )
  let begun = false
  try {
    return await underLock(path, () => {
      begun = true
      return work()
    })
  } catch (error) {
    if (begun || !(error instanceof TaskError)) throw error
    return work()
  }
}
