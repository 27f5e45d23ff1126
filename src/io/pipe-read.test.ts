import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { link, open, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from './fixtures/folder.ts'
import { pipeAt, readPipe } from './pipe-read.ts'

const folder = temporaryFolder()
const limits = { limit: 100_000, patience: 5000 }
let count = 0

function namedPipe(): string {
  count += 1
  const path = join(folder, `pipe-${count}`)
  execFileSync('mkfifo', ['-m', '600', path])
  return path
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

describe('a pipe', () => {
  it('is told from other files', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const [pipe, other] = [namedPipe(), namedPipe()]
    expect([file, folder, join(folder, 'none'), '/dev/null'].filter((path) => pipeAt(path) !== undefined)).toEqual([])
    expect([typeof pipeAt(pipe), pipeAt(pipe) === pipeAt(other)]).toEqual(['string', false])
  })

  it('is the same under each of its names', async () => {
    const pipe = namedPipe()
    await Promise.all([symlink(pipe, `${pipe}-symlink`), link(pipe, `${pipe}-link`)])
    expect([`${pipe}-symlink`, `${pipe}-link`].map(pipeAt)).toEqual([pipeAt(pipe), pipeAt(pipe)])
  })

  it.each([0, 5, 99_999])('gives all that comes until it is closed: %i bytes', async (size) => {
    const path = namedPipe()
    const reading = readPipe(path, limits)
    await writeFile(path, 'x'.repeat(size))
    expect(await reading).toBe('x'.repeat(size))
  })

  it('may be written to in parts, by who comes later', async () => {
    const path = namedPipe()
    const reading = readPipe(path, limits)
    const writer = spawn('sh', ['-c', `sleep 0.2; exec > '${path}'; printf one; sleep 0.2; printf two`])
    await once(writer, 'close')
    expect(await reading).toBe('onetwo')
  })

  it.each([
    ['that nobody writes to', ''],
    ['that is never closed', 'half'],
  ])('%s is given up, and nothing of it stays open', async (_, half) => {
    const path = namedPipe()
    await using writer = half === '' ? undefined : await open(path, 'r+')
    await writer?.write(half)
    const before = openFiles()
    await expect(readPipe(path, { ...limits, patience: 100 })).rejects.toMatchObject({
      code: 'SW-FILE-KIND',
      message: expect.stringContaining('is a pipe'),
    })
    expect(openFiles()).toBe(before)
  })

  it('is waited for until the run is stopped, and nothing of it stays open', async () => {
    const path = namedPipe()
    const [before, stopping, stopped] = [openFiles(), new AbortController(), new Error('stopped')]
    const reading = expect(readPipe(path, { ...limits, signal: stopping.signal })).rejects.toMatchObject({ cause: stopped })
    stopping.abort(stopped)
    await reading
    expect(openFiles()).toBe(before)
    await expect(readPipe(path, { ...limits, signal: stopping.signal })).rejects.toMatchObject({ cause: stopped })
  })

  it('without an end is refused', async () => {
    const path = namedPipe()
    const writer = spawn('sh', ['-c', `exec yes > '${path}'`])
    await expect(readPipe(path, limits)).rejects.toMatchObject({ code: 'SW-FILE-TOO-LARGE' })
    await once(writer, 'close')
  })
})
