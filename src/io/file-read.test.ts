import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, test } from '@jest/globals'
import { openRead, readBytes, readJson, readSmallSync, readText } from './files.ts'
import { asNobody, fill, temporaryFolder } from './fixtures/folder.ts'

const folder = temporaryFolder()
const path = (name: string): string => join(folder, name)
fill(folder, {
  text: 'hello',
  empty: '',
  marked: '\ufeffhello',
  latin: Buffer.from([0x68, 0xe9]),
  'good.json': '{"a":[1]}',
  'bad.json': '{"a":',
  big: Buffer.alloc(3_000_000, 'x'),
  'closed/inner': '',
})
writeFileSync(path('secret'), 'x')

describe('reading a file whole', () => {
  it('gives bytes, text and JSON', async () => {
    expect(await readBytes(path('text'))).toEqual(Buffer.from('hello'))
    expect(await readBytes(path('empty'))).toEqual(Buffer.alloc(0))
    expect(await readText(path('marked'))).toBe('hello')
    expect(await readText(path('latin'))).toBe('h\ufffd')
    expect(await readJson(path('good.json'))).toEqual({ a: [1] })
    expect((await readBytes(path('big'))).equals(Buffer.alloc(3_000_000, 'x'))).toBe(true)
  })

  it('reads what has no size, such as /proc', async () => {
    expect(await readText('/proc/self/status')).toMatch(/^Name:/)
  })

  test.each([
    ['a limit below its size', () => readBytes(path('text'), 4), 'SW-FILE-TOO-LARGE', /text has 5 B or more, expected at most 4 B/],
    ['a limit, without a size', () => readText('/proc/self/status', 100), 'SW-FILE-TOO-LARGE', /expected at most 100 B/],
    ['endless data', () => readBytes('/dev/zero', 1000), 'SW-FILE-TOO-LARGE', /\/dev\/zero/],
    ['nothing there', () => readText(path('none')), 'SW-FILE-MISSING', /none failed: it does not exist/],
    ['a folder', () => readText(folder), 'SW-FILE-KIND', /it is a folder, expected a file/],
    ['a file as a folder', () => readText(path('text/inner')), 'SW-FILE-KIND', /not a folder/],
    ['a name too long', () => readText(path('n'.repeat(300))), 'SW-FILE-NAME', /bytes/],
    ['a NUL in the name', () => readText(path('a\0b')), 'SW-FILE-NAME', /NUL/],
    ['text that is not JSON', () => readJson(path('bad.json')), 'SW-FILE-MALFORMED', /bad\.json is not JSON/],
  ])('%s', async (_, read, code, message) => {
    await expect(read()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('keeps to a limit that the size just meets', async () => {
    expect(await readText(path('text'), 5)).toBe('hello')
  })

  it('names the user and the fix when the mode forbids it', async () => {
    chmodSync(folder, 0o755)
    chmodSync(path('secret'), 0o000)
    const reading = asNobody(async () => readText(path('secret')))
    await expect(reading).rejects.toMatchObject({ code: 'SW-FILE-UNREADABLE', hint: expect.stringContaining('fsGroup: 65532') })
    await expect(reading).rejects.toThrow(/user \d+ may not read it/)
  })
})

describe('reading as a stream', () => {
  it('gives all of it, or a part', async () => {
    expect(await text(openRead(path('text')))).toBe('hello')
    expect(await text(openRead(path('text'), { start: 1, end: 3 }))).toBe('ell')
    expect(await text(openRead(path('text'), { start: 4 }))).toBe('o')
  })

  it('moves in pieces of 256 KiB or more', async () => {
    const sizes: number[] = []
    for await (const piece of openRead(path('big'))) sizes.push(piece.length)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(3_000_000)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(256 * 1024)
  })

  it('fails in our words', async () => {
    await expect(text(openRead(path('none')))).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
    await expect(text(openRead(folder))).rejects.toMatchObject({ code: 'SW-FILE-KIND' })
  })
})

describe('reading many small files', () => {
  it('gives them in order', () => {
    expect(readSmallSync([path('text'), path('empty')]).map(String)).toEqual(['hello', ''])
  })

  it('keeps to its limit, and names the file that fails', () => {
    expect(thrown(() => readSmallSync([path('big')]))).toMatchObject({ code: 'SW-FILE-TOO-LARGE' })
    expect(thrown(() => readSmallSync([path('text'), path('none')]))).toMatchObject({
      code: 'SW-FILE-MISSING',
      message: expect.stringContaining('none'),
    })
    mkdirSync(path('sub'), { recursive: true })
    expect(thrown(() => readSmallSync([path('sub')]))).toMatchObject({ code: 'SW-FILE-KIND' })
  })

  it('does not wait for a pipe that nobody writes to', () => {
    execFileSync('mkfifo', [path('pipe')])
    const program = `import { readSmallSync } from ${JSON.stringify(import.meta.resolve('./files.ts'))}
      process.stdout.write(String(readSmallSync([${JSON.stringify(path('pipe'))}])[0].length))`
    // In a process of its own: one that waits there can only be killed.
    const argv = ['--input-type=module', '--eval', program]
    expect(execFileSync(process.execPath, argv, { timeout: 30_000, killSignal: 'SIGKILL', encoding: 'utf8' })).toBe('0')
  })
})

function thrown(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
