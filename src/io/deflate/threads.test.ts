import { describe, expect, it } from '@jest/globals'
import { runAlone } from '../fixtures/own-process.ts'

const program = JSON.stringify(new URL('./deflate.ts', import.meta.url).href)

const prelude = `
  import { once } from 'node:events'
  const { deflate, longestInput, longestOutput } = await import(${program})
  const piece = Buffer.from(Array.from({ length: longestInput }, (_, index) => (index * index) >> 7))
  const room = () => Buffer.from(new SharedArrayBuffer(longestOutput))
  const one = () => deflate({ piece, before: Buffer.alloc(0), into: room() }).catch(({ code }) => code)
  const many = (count) => Promise.all(Array.from({ length: count }, one))
`
const run = (text: string, flags?: readonly string[]) => runAlone(prelude + text, flags)

describe('threads that compress', () => {
  it('lose their pieces when they end early, and no other', () => {
    // Few enough for the threads alone: who cuts would be at work until they have begun.
    const { lines, status } = run(`
      process.once('worker', (worker) => worker.terminate())
      const sizes = await many(3)
      const size = await one()
      say(typeof size, sizes.includes('SW-THREAD-FAILED'), sizes.every((it) => [size, 'SW-THREAD-FAILED'].includes(it)))
    `)
    expect(lines).toEqual(['number true true'])
    expect(status).toBe(0)
  })

  it('are not begun for what takes less time than that, and make the same bytes of it', () => {
    const { lines } = run(`
      const seen = []
      for (let index = 0; index < 4; index++) {
        const into = room()
        const size = await deflate({ piece: piece.subarray(0, 200_000), before: piece.subarray(0, 30_000), into })
        seen.push(into.toString('hex', 0, size))
        await null
        say(workers.length, seen[index] === seen[0], seen[index].length > 100)
      }
    `)
    expect(lines).toEqual(['0 true true', '0 true true', '1 true true', '1 true true'])
  })

  it('are given up when they have nothing to do, and begun again', () => {
    const { lines, status } = run(`
      const alive = setInterval(() => undefined, 1000)
      const before = await one()
      await once(workers[0], 'exit')
      clearInterval(alive)
      say(before === await one(), workers.length)
    `)
    expect(lines).toEqual(['true 2'])
    expect(status).toBe(0)
  })

  it('keep a process for as long as it waits for a piece', () => {
    expect(run('one().then(() => say("done"))')).toEqual({ lines: ['done'], status: 0 })
  })

  it('do not keep a process that ends itself', () => {
    expect(run('one(); process.exitCode = 3; setTimeout(() => process.exit(), 1)')).toEqual({ lines: [], status: 3 })
  })

  it('that the system does not allow are done without, with the same bytes', () => {
    const lines = (flags: readonly string[]) => run('say(await many(3)); say(await one(), workers.length > 0)', flags).lines
    const [with3, with1 = ''] = lines([])
    expect(with1).toMatch(/^\d+ true$/)
    expect(lines(['--permission', '--allow-fs-read=*'])).toEqual([with3, with1.replace('true', 'false')])
  })
})
