import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { zstdCodec } from './compress-zstd.ts'

const mebibyte = 2 ** 20
const noise = createHash('shake256', { outputLength: mebibyte }).update('noise').digest()
const text = Buffer.from('a line of a program that is much like the next\n'.repeat(30_000)).subarray(0, mebibyte)
const mixed = Buffer.concat([text.subarray(0, mebibyte / 2), noise.subarray(0, mebibyte / 2)])
const nothing = Buffer.alloc(0)

describe('zstd by a thread', () => {
  it.each([1, 3, 12])('gives the bytes that it gives without one: level %i', async (level) => {
    const codec = zstdCodec(level)
    const list = [noise, text, mixed, noise.subarray(1), text.subarray(0, 1), mixed.subarray(3, 70_000)]
    // The first four mebibytes are not worth a thread, and all that comes behind them goes to one.
    const here = await Promise.all([...list.slice(0, 2), ...list.slice(4)].map((piece) => codec.compress(piece, nothing)))
    expect(here.map(({ release }) => release)).toEqual(here.map(() => undefined))
    for (let spent = 0; spent < 4; spent += 1) await codec.compress(text, nothing)
    const there = await Promise.all(list.map((piece) => codec.compress(piece, nothing)))
    expect([0, 1, 4, 5].map((at) => there[at]?.bytes.equals(here[at < 2 ? at : at - 2]?.bytes ?? nothing))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(there.map(({ release }) => release !== undefined)).toEqual(list.map(() => true))
    for (const [at, { bytes }] of there.entries()) expect(zstdDecompressSync(bytes).equals(list[at] ?? nothing)).toBe(true)
  })

  it('has a checksum in each frame', async () => {
    const codec = zstdCodec(3)
    for (let spent = 0; spent < 5; spent += 1) await codec.compress(noise, nothing)
    const { bytes } = await codec.compress(text, nothing)
    expect(Number(bytes[4]) & 4).toBe(4)
    expect(bytes.length).toBe(zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }).length)
  })
})

const program = JSON.stringify(new URL('./compress-zstd.ts', import.meta.url).href)

/** What a process of its own says of forty pieces. */
function run(text: string, flags: readonly string[] = []): { readonly lines: readonly string[]; readonly status: number | null } {
  const prelude = `
    import { createHash } from 'node:crypto'
    const { zstdCodec } = await import(${program})
    const piece = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * index) >> 7))
    const codec = zstdCodec(3)
    const many = (count) => Promise.all(Array.from({ length: count }, () =>
      codec.compress(piece, Buffer.alloc(0)).then(({ bytes }) => createHash('sha256').update(bytes).digest('hex'), ({ code }) => code)))
    const workers = []
    process.on('worker', (worker) => workers.push(worker))
    const say = (...values) => process.stdout.write(values.join(' ') + '\\n')
  `
  const argv = [...flags, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', prelude + text]
  const { stdout, status } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 25_000 })
  return { lines: stdout.split('\n').slice(0, -1), status }
}

describe('the thread', () => {
  it('is one, and loses only its own pieces when it ends early', () => {
    const { lines, status } = run(`
      process.once('worker', (worker) => worker.terminate())
      const seen = await many(40)
      const lost = seen.filter((one) => one === 'SW-THREAD-FAILED').length
      say(lost > 0 && lost <= 5, new Set(seen).size, workers.length)
    `)
    expect({ lines, status }).toEqual({ lines: ['true 2 2'], status: 0 })
  })

  it('that the system does not allow is done without, with the same bytes', () => {
    const lines = (flags: readonly string[]) => run('say(...new Set(await many(40))); say(workers.length)', flags).lines
    const [digest, one] = lines([])
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(one).toBe('1')
    expect(lines(['--permission', '--allow-fs-read=*'])).toEqual([digest, '0'])
  })

  it('does not keep a process that has no piece for it', () => {
    expect(run('await many(40); say("done")')).toEqual({ lines: ['done'], status: 0 })
  })
})
