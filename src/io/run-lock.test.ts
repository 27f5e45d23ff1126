import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { temporaryFolder } from './fixtures/folder.ts'
import { takeRunLock } from './run-lock.ts'

const root = temporaryFolder()
const folder = (): string => mkdtempSync(join(root, 'lock-'))
const isOurs = (path: string): boolean => 'release' in takeRunLock(path)

/** Takes the lock in another process, which then waits. */
async function otherProcess(path: string) {
  const code = `const { takeRunLock } = await import(${JSON.stringify(join(import.meta.dirname, 'run-lock.ts'))}); console.log(JSON.stringify(takeRunLock(${JSON.stringify(path)}))); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (bytes) => resolve(String(bytes))))
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('close', () => resolve())
      child.kill('SIGKILL')
    })
  return { pid: child.pid, lock: JSON.parse(said), end }
}

describe('a folder that one process works in', () => {
  it('is refused to another one, by its number, and free when it was killed', async () => {
    const path = join(folder(), 'lock')
    const other = await otherProcess(path)
    try {
      expect(takeRunLock(path)).toEqual({ heldBy: other.pid })
    } finally {
      await other.end()
    }
    expect(existsSync(path)).toBe(true)
    expect(isOurs(path)).toBe(true)
  })

  it('is free again when it is released, and nothing is left behind', () => {
    const at = folder()
    const lock = takeRunLock(join(at, 'lock'))
    if ('release' in lock) lock.release()
    expect(readdirSync(at)).toEqual([])
  })

  it('stays with whoever took it after us', () => {
    const path = join(folder(), 'lock')
    const lock = takeRunLock(path)
    writeFileSync(path, '1 elsewhere 1\n')
    if ('release' in lock) lock.release()
    expect(readFileSync(path, 'utf8')).toBe('1 elsewhere 1\n')
  })

  test.each([
    ['nothing, as on a full disk', ''],
    ['something else', 'x'.repeat(1000)],
    ['a process that is gone', `4194304 ${hostname()} 1\n`],
    ['a process whose number was given again', `1 ${hostname()} 999999999999\n`],
    ['a process of another machine', '1 another-pod 1\n'],
    ['no number of a process', `0 ${hostname()} 1\n`],
  ])('is free when its sign holds %s', (_, sign) => {
    const path = join(folder(), 'lock')
    writeFileSync(path, sign)
    expect(isOurs(path)).toBe(true)
  })
})

test('a folder that cannot be written is an error that names it', () => {
  expect(() => takeRunLock('/nowhere/lock')).toThrow('/nowhere/lock')
})
