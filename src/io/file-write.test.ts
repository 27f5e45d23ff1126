import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import {
  appendLine,
  ensureFolder,
  exists,
  linkOrCopy,
  move,
  removeTree,
  removeTreeSync,
  writeAtomic,
  writeNew,
  writeStream,
} from './files.ts'
import { asNobody, fill, temporaryFolder } from './fixtures/folder.ts'

const root = temporaryFolder()
let count = 0
function fresh(): string {
  count += 1
  const folder = join(root, String(count))
  mkdirSync(folder)
  return folder
}
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('writeAtomic', () => {
  it('makes a file that only its owner can read, whatever the umask', async () => {
    const folder = fresh()
    const before = process.umask(0)
    await writeAtomic(join(folder, 'a'), 'text')
    process.umask(0o777)
    await writeAtomic(join(folder, 'b'), Buffer.from('bytes'), { mode: 0o644 })
    process.umask(before)
    expect([readFileSync(join(folder, 'a'), 'utf8'), modeOf(join(folder, 'a'))]).toEqual(['text', 0o600])
    expect([readFileSync(join(folder, 'b'), 'utf8'), modeOf(join(folder, 'b'))]).toEqual(['bytes', 0o644])
  })

  it('replaces the file, a reader of the old one keeps it', async () => {
    const folder = fresh()
    fill(folder, { a: 'old' })
    linkSync(join(folder, 'a'), join(folder, 'reader'))
    await writeAtomic(join(folder, 'a'), 'new')
    expect([readFileSync(join(folder, 'a'), 'utf8'), readFileSync(join(folder, 'reader'), 'utf8')]).toEqual(['new', 'old'])
  })

  it('replaces a symbolic link rather than what it points to', async () => {
    const folder = fresh()
    fill(folder, { target: 'old' })
    symlinkSync('target', join(folder, 'a'))
    await writeAtomic(join(folder, 'a'), 'new')
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('old')
  })

  it('takes the longest name', async () => {
    const folder = fresh()
    await writeAtomic(join(folder, 'n'.repeat(255)), 'x')
    expect(readdirSync(folder)).toEqual(['n'.repeat(255)])
  })

  it('tells what went wrong first, also where what was written cannot be removed either', async () => {
    const folder = fresh()
    fill(folder, { 'target/full': '' })
    const writing = writeAtomic(join(folder, 'target'), 'text')
    // It waits for the disk: what it renames then is a folder, as is what it removes.
    const [temporary = ''] = readdirSync(folder).filter((name) => name.endsWith('.tmp'))
    rmSync(join(folder, temporary))
    mkdirSync(join(folder, temporary))
    await expect(writing).rejects.toMatchObject({ code: 'SW-FILE-FAILED', message: expect.stringContaining('ENOTEMPTY') })
  })

  test.each([
    ['no folder', (folder: string) => writeAtomic(join(folder, 'none', 'a'), ''), 'SW-FILE-MISSING'],
    ['a folder there', (folder: string) => writeAtomic(folder, ''), 'SW-FILE-KIND'],
    ['a file as folder', (folder: string) => writeAtomic(join(folder, 'file', 'a'), ''), 'SW-FILE-KIND'],
    ['no permission', (folder: string) => asNobody(async () => writeAtomic(join(folder, 'a'), '')), 'SW-FILE-UNWRITABLE'],
  ])('%s: an error and nothing left over', async (_, write, code) => {
    const folder = fresh()
    fill(folder, { file: '' })
    // Of nobody, and of who runs the tests where that is not root.
    chmodSync(folder, 0o555)
    await expect(write(folder)).rejects.toMatchObject({ code })
    chmodSync(folder, 0o755)
    expect(readdirSync(folder)).toEqual(['file'])
  })
})

describe('writeStream', () => {
  const content = Buffer.alloc(200_000, 'abc')
  const digest = sha256(content)
  const source = (): Readable => Readable.from([content.subarray(0, 70_000), content.subarray(70_000)])

  it('gives digest and size', async () => {
    const path = join(fresh(), 'blob')
    expect(await writeStream(path, source(), { digest, size: 200_000 })).toEqual({ digest, size: 200_000 })
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(await writeStream(path, source())).toEqual({ digest, size: 200_000 })
  })

  it('takes pieces whose memory is used again when the next but one is asked for', async () => {
    const path = join(fresh(), 'blob')
    const memory = [Buffer.alloc(1_000_000), Buffer.alloc(1_000_000)] as const
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let index = 0; index < 40; index += 1) yield memory[index % 2 === 0 ? 0 : 1].fill(index)
    }
    const { digest: seen } = await writeStream(path, pieces())
    expect(sha256(readFileSync(path))).toBe(seen)
    expect(seen).toBe(sha256(Buffer.concat(Array.from({ length: 40 }, (_, index) => Buffer.alloc(1_000_000, index)))))
  })

  it('takes sha512 too', async () => {
    const { digest: seen } = await writeStream(join(fresh(), 'blob'), Readable.from([Buffer.from('')]), {
      digest:
        'sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    })
    expect(seen).toMatch(/^sha512:cf83/)
  })

  test.each([
    [
      'one bit flipped',
      Buffer.concat([content.subarray(1), Buffer.from('z')]),
      { digest, size: 200_000 },
      'SW-CONTENT-MISMATCH',
      /the registry gave sha256:/,
    ],
    ['too short', content.subarray(1), { digest, size: 200_000 }, 'SW-CONTENT-MISMATCH', /gave 199999 bytes, expected 200000/],
    [
      'too long',
      Buffer.concat([content, content]),
      { digest, size: 200_000 },
      'SW-CONTENT-MISMATCH',
      /gave more than the 200000 bytes promised/,
    ],
    ['over a limit', content, { limit: 1000 }, 'SW-FILE-TOO-LARGE', /gave more than 1\.0 kB/],
  ] as const)('%s: an error and no file', async (_, bytes, options, code, message) => {
    const folder = fresh()
    const writing = writeStream(join(folder, 'blob'), Readable.from([bytes]), { ...options, from: 'the registry' })
    await expect(writing).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(readdirSync(folder)).toEqual([])
  })

  it('tells of what came first, where the disk fails as well', () => {
    const text = `
      const { writeStream } = await import(${JSON.stringify(new URL('./files.ts', import.meta.url).href)})
      const piece = Buffer.alloc(2 ** 20)
      const writing = writeStream('blob', (async function* () { yield piece; yield piece })(), { size: piece.length + 1 })
      process.stdout.write((await writing.catch((error) => error)).code)
    `
    const argv = ['-c', 'ulimit -f 8 && exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', text]
    expect(spawnSync('sh', argv, { cwd: fresh(), encoding: 'utf8', timeout: 120_000 }).stdout).toBe('SW-CONTENT-MISMATCH')
  })

  it('leaves an existing file alone when the source fails, and gives the source’s error', async () => {
    const folder = fresh()
    fill(folder, { blob: 'old' })
    const broken = Readable.from(
      (async function* () {
        yield content
        throw new Error('cable cut')
      })(),
    )
    await expect(writeStream(join(folder, 'blob'), broken)).rejects.toThrow(/^cable cut$/)
    expect(readdirSync(folder)).toEqual(['blob'])
    expect(readFileSync(join(folder, 'blob'), 'utf8')).toBe('old')
  })
})

describe('appendLine', () => {
  it('adds to the file, and makes it', async () => {
    const path = join(fresh(), 'journal')
    await appendLine(path, 'one')
    await appendLine(path, 'two')
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(modeOf(path)).toBe(0o600)
  })

  it('names a full disk', async () => {
    await expect(appendLine('/dev/full', 'x')).rejects.toMatchObject({
      code: 'SW-DISK-FULL',
      message: expect.stringContaining('/dev/full'),
    })
  })

  it('refuses two lines', async () => {
    await expect(appendLine(join(fresh(), 'journal'), 'a\nb')).rejects.toThrow('one line')
  })
})

describe('linkOrCopy', () => {
  it('gives the same file a second name, and may be repeated', async () => {
    const folder = fresh()
    fill(folder, { a: 'x' })
    await linkOrCopy(join(folder, 'a'), join(folder, 'b'))
    await linkOrCopy(join(folder, 'a'), join(folder, 'b'))
    expect(statSync(join(folder, 'b')).ino).toBe(statSync(join(folder, 'a')).ino)
    expect(readdirSync(folder)).toEqual(['a', 'b'])
  })

  it('copies across file systems, replacing what is there', async () => {
    const folder = fresh()
    fill(folder, { b: 'old' })
    await linkOrCopy('/proc/self/cmdline', join(folder, 'b'))
    expect(readdirSync(folder)).toEqual(['b'])
    expect(readFileSync(join(folder, 'b'), 'utf8')).not.toBe('old')
  })

  it('names the file that is missing', async () => {
    const folder = fresh()
    await expect(linkOrCopy(join(folder, 'none'), join(folder, 'b'))).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('folders', () => {
  it('are made with their parents, and again', async () => {
    const path = join(fresh(), 'a', 'b')
    await ensureFolder(path)
    await ensureFolder(path)
    expect(statSync(path).isDirectory()).toBe(true)
  })

  it('cannot be made where a file is', async () => {
    const folder = fresh()
    fill(folder, { a: '' })
    await expect(ensureFolder(join(folder, 'a', 'b'))).rejects.toMatchObject({ code: 'SW-FILE-KIND' })
  })

  it('move', async () => {
    const folder = fresh()
    fill(folder, { 'a/inner': 'x' })
    await move(join(folder, 'a'), join(folder, 'b'))
    expect(readFileSync(join(folder, 'b', 'inner'), 'utf8')).toBe('x')
  })

  test.each([
    ['removeTree', removeTree],
    ['removeTreeSync', async (path: string) => removeTreeSync(path)],
  ])('%s removes read-only folders, does not follow links, and nothing is fine too', async (_, remove) => {
    const folder = fresh()
    fill(folder, { 'kept/file': 'x', 'tree/module/go.mod': 'x' })
    symlinkSync('../kept', join(folder, 'tree', 'link'))
    for (const path of ['tree/module', 'tree', '']) chmodSync(join(folder, path), path === '' ? 0o777 : 0o555)
    for (const path of ['tree/module/go.mod', 'tree/module', 'tree']) chownToNobody(join(folder, path))
    await asNobody(async () => remove(join(folder, 'tree')))
    expect(await exists(join(folder, 'tree'))).toBe(false)
    expect(readFileSync(join(folder, 'kept', 'file'), 'utf8')).toBe('x')
    await remove(join(folder, 'tree'))
  })
})

function chownToNobody(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, 65532, 65532)
}

it('writes a new file only where there is none, and leaves nothing beside it', async () => {
  const folder = fresh()
  const path = join(folder, 'key')
  const written = await Promise.all(['one', 'two', 'three'].map((text) => writeNew(path, text)))
  expect(written.filter((isFirst) => isFirst)).toHaveLength(1)
  const first = readFileSync(path, 'utf8')
  expect(await writeNew(path, 'later')).toBe(false)
  expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual([first, 0o600])
  expect(readdirSync(folder)).toEqual(['key'])
})
