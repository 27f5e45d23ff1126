import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from '../base/errors.ts'
import { accessing } from './system-errors.ts'

/** Milliseconds after which a sign that has not changed counts for nothing: what is done under a lock takes a few. */
const usualPatience = 5000
/** Milliseconds, at most, between two looks. */
const pause = 40

// Synchronous within: a turn of the thread pool for each of eight small steps is what a short piece of work would wait for.

/**
 * Does a short piece of work while nobody else does any under the same file, on this machine or on another that shares the folder
 * (pods on one volume). Whoever waits goes by what it sees change, so neither clocks nor process numbers have to agree.
 */
export async function underLock<T>(path: string, work: () => Promise<T>, patience = usualPatience): Promise<T> {
  const sign = randomUUID()
  await accessing('write', path, () => take(path, sign, patience))
  try {
    return await work()
  } finally {
    if (read(path) === sign) rmSync(path, { force: true })
  }
}

async function take(path: string, sign: string, patience: number): Promise<void> {
  let seen: string | undefined
  let since = 0
  while (!isPlaced(path, sign)) {
    const found = read(path)
    if (found !== seen) [seen, since] = [found, performance.now()]
    else if (performance.now() - since > patience) dismiss(path, found)
    await sleep(1 + Math.random() * pause)
  }
}

/** Without hard links, which not every volume of a cluster has (SMB): who makes the file has it. */
function isPlaced(path: string, sign: string): boolean {
  try {
    writeFileSync(path, sign, { flag: 'wx', mode: 0o644 })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes the sign of one that is gone; should another have been faster, its own is put back. */
function dismiss(path: string, stale: string): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
    if (read(aside) !== stale) copyFileSync(aside, path, constants.COPYFILE_EXCL)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(systemCode(error) ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Empty where there is none, and between the making of a file and its first byte. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
