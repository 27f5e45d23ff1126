import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { runAlone } from './fixtures/own-process.ts'
import { hashPieces, type PieceHash } from './hash-thread.ts'

const large = 64 * 1024 * 1024
const processors = 4

/** What a hash makes of pieces that all lie in the same shared memory, each written there when the one before is done. */
async function hashed(hash: PieceHash, texts: readonly string[]): Promise<string> {
  const memory = Buffer.from(new SharedArrayBuffer(1024))
  for (const text of texts) {
    const size = memory.write(text)
    await new Promise<void>((resolve, reject) => hash.update(memory.subarray(0, size), resolve).catch(reject))
  }
  const digest = await hash.digest()
  hash.close()
  return digest
}

describe.each([
  ['few bytes', 1],
  ['many bytes', large],
])('the hash of %s', (_, size) => {
  it('is SHA-256 of all pieces in their order', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `piece ${index} `.repeat(index))
    expect(await hashed(hashPieces(size, { processors }), texts)).toBe(createHash('sha256').update(texts.join('')).digest('hex'))
  })

  it('of no piece is that of nothing', async () => {
    expect(await hashed(hashPieces(size, { processors }), [])).toBe(createHash('sha256').digest('hex'))
  })
})

describe('a thread that hashes', () => {
  it.each([
    [2, false, 0],
    [3, false, 1],
    [1, true, 0],
    [2, true, 1],
  ])('is begun where there are processors for it: of %i, alone %s, %i', (processors, isAlone, threads) => {
    const { lines } = runAlone(`
      const { hashPieces } = await import(${JSON.stringify(new URL('./hash-thread.ts', import.meta.url).href)})
      const hash = hashPieces(${large}, ${JSON.stringify({ processors, isAlone })})
      say(await hash.digest(), await new Promise((resolve) => setImmediate(() => resolve(workers.length))))
      hash.close()
    `)
    expect(lines).toEqual([`${createHash('sha256').digest('hex')} ${threads}`])
  })

  it('is done without where the system allows none', () => {
    const text = `
      const { hashPieces } = await import(${JSON.stringify(new URL('./hash-thread.ts', import.meta.url).href)})
      const hash = hashPieces(${large}, { processors: ${processors} })
      await hash.update(Buffer.from('hello'), () => undefined)
      say(await hash.digest(), workers.length)
    `
    const { lines } = runAlone(text, ['--permission', '--allow-fs-read=*'])
    expect(lines).toEqual([`${createHash('sha256').update('hello').digest('hex')} 0`])
  })

  it('is waited for when many pieces wait for it', async () => {
    const hash = hashPieces(large, { processors })
    const piece = Buffer.from(new SharedArrayBuffer(1024 * 1024))
    let [taken, done] = [0, 0]
    let most = 0
    for (let index = 0; index < 40; index += 1) {
      taken += 1
      await hash.update(piece, () => {
        done += 1
      })
      most = Math.max(most, taken - done)
    }
    expect(most).toBeLessThan(8)
    await hash.digest()
    expect(done).toBe(40)
    hash.close()
  })

  it('that has ended is an error, not a wait', async () => {
    const hash = hashPieces(large, { processors })
    await hash.update(Buffer.from(new SharedArrayBuffer(8)), () => undefined)
    hash.close()
    await expect(hash.digest()).rejects.toMatchObject({ code: 'SW-THREAD-FAILED' })
  })
})
