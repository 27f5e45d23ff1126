import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { systemCode } from '../base/errors.ts'
import { accessingSync } from './system-errors.ts'

/** A lock that is ours; or the process that has it. */
export type RunLock = { readonly release: () => void } | { readonly heldBy: number }

const rounds = 10

/**
 * Takes a file as the sign that one process works in its folder. It needs no clean-up: the sign of a process that is gone counts for
 * nothing, nor does that of another machine, of which nobody here can tell.
 */
export function takeRunLock(path: string): RunLock {
  const ours = signOf(process.pid)
  for (let round = 0; round < rounds; round += 1) {
    if (isPlaced(path, ours)) return { release: () => release(path, ours) }
    const found = read(path)
    const holder = found === ours ? undefined : holderOf(found)
    if (holder !== undefined) return { heldBy: holder }
    dismiss(path, found)
  }
  throw new Error(`${path} changes all the time`)
}

/** A link is made whole or not at all: nobody ever reads half a sign. */
function isPlaced(path: string, sign: string): boolean {
  const temporary = nameBeside(path)
  return accessingSync('write', path, () => {
    try {
      writeFileSync(temporary, sign, { flag: 'wx', mode: 0o600 })
      linkSync(temporary, path)
      return true
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false
      throw error
    } finally {
      rmSync(temporary, { force: true })
    }
  })
}

/** Removes the sign of a process that is gone; should another have been faster, its own is put back. */
function dismiss(path: string, stale: string): void {
  const aside = nameBeside(path)
  accessingSync('write', path, () => {
    try {
      renameSync(path, aside)
      if (read(aside) !== stale) linkSync(aside, path)
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes(systemCode(error) ?? '')) throw error
    } finally {
      rmSync(aside, { force: true })
    }
  })
}

function release(path: string, ours: string): void {
  if (read(path) === ours) rmSync(path, { force: true })
}

function holderOf(sign: string): number | undefined {
  const pid = Number(/^(\d{1,9}) /.exec(sign)?.[1])
  return pid > 0 && isAlive(pid) && signOf(pid) === sign ? pid : undefined
}

/** Number, machine and time of start: a number alone is given again to other processes. */
function signOf(pid: number): string {
  return `${pid} ${hostname()} ${startOf(pid)}\n`
}

/** In clock ticks since the machine started (proc_pid_stat, field 22); empty where there is no /proc. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function nameBeside(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`
}
