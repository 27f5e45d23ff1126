import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, test } from '@jest/globals'
import { bugText } from './signals.ts'

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** Runs a program around the real signal handling and, each time its output shows `ready`, sends the next signal. */
async function ended(work: string, signals: readonly NodeJS.Signals[] = [], grace = 60_000): Promise<Ended> {
  const at = 'ready'
  const program = `
    import { endOnBugs, stopOnSignals } from '${new URL('signals.ts', import.meta.url).href}'
    import { processSurroundings } from '${new URL('process-environment.ts', import.meta.url).href}'
    const surroundings = processSurroundings()
    const print = (line) => surroundings.write(line + '\\n', 'stdout')
    surroundings.onExit(() => print('cleaned up'))
    endOnBugs({ print, version: '1.2.3' })
    const stop = stopOnSignals({ print, grace: ${grace} })
    const forever = () => new Promise((resolve) => setTimeout(resolve, 600_000))
    ${work}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const waiting = [...signals]
  let output = ''
  let seen = 0
  const see = (text: string): void => {
    output += text
    const found = output.indexOf(at, seen)
    const next = found < 0 ? undefined : waiting.shift()
    if (next === undefined) return
    seen = found + at.length
    child.kill(next)
  }
  child.stdout.setEncoding('utf8').on('data', see)
  child.stderr.setEncoding('utf8').on('data', see)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, output }
}

describe('a signal', () => {
  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s aborts the work; the exit code is %i', async (signal, code) => {
    const work = `stop.signal.addEventListener('abort', () => { print(stop.signal.reason.message); clearTimeout(timer) })
      const timer = setTimeout(() => 0, 600_000)
      print('ready')`
    expect(await ended(work, [signal])).toEqual({
      code,
      signal: null,
      output: `ready\n${signal} received: stopping; send it again to end at once\nstopped by ${signal}\ncleaned up\n`,
    })
  })
  it('ends work that does not stop, after its grace', async () => {
    const { code, output } = await ended(`print('ready'); await forever()`, ['SIGTERM'], 300)
    expect([code, output]).toEqual([143, expect.stringMatching(/the work did not stop in time: ending it\ncleaned up\n$/)])
  })
  it('ends everything at once when it comes again', async () => {
    const work = `stop.signal.addEventListener('abort', () => print('ready'))
      print('ready'); await forever()`
    const { code, output } = await ended(work, ['SIGINT', 'SIGTERM'])
    expect([code, output.includes('in time'), output.endsWith('cleaned up\n')]).toEqual([143, false, true])
  })
  it('ends the process as usual once released', async () => {
    expect(await ended(`stop.release(); print('ready'); await forever()`, ['SIGTERM'])).toMatchObject({ code: null, signal: 'SIGTERM' })
  })
})

describe('a mistake of ours', () => {
  test.each([
    ['a rejection that nobody handles', `Promise.reject(new TypeError('oops')); await forever()`],
    ['an exception in a callback', `setTimeout(() => { throw new TypeError('oops') }); await forever()`],
  ])('%s ends the run with 1 and what to send', async (_, work) => {
    const { code, output } = await ended(work)
    expect(code).toBe(1)
    expect(output).toMatch(
      /^This is a mistake in Slipway, not in your project\.\nPlease report it .* slipway 1\.2\.3, node v24.*\nTypeError: oops\n {4}at [\s\S]*cleaned up\n$/,
    )
  })
  it('need not be an Error', () => {
    expect(bugText('oops', '1').split('\n').at(-1)).toBe('oops')
  })
})

describe('output that nobody reads any more', () => {
  it('does not end the work', async () => {
    const work = `
      const { writeFileSync } = await import('node:fs')
      process.stderr.write('ready')
      for (let n = 0; n < 20; n += 1) { print('x'.repeat(70_000)); await new Promise((resolve) => setTimeout(resolve, 5)) }
      process.stderr.write('done')`
    const program = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `
      import { processSurroundings } from '${new URL('process-environment.ts', import.meta.url).href}'
      const surroundings = processSurroundings()
      const print = (line) => surroundings.write(line, 'stdout')
      ${work}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let errors = ''
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    program.stdout.destroy()
    const [code] = (await once(program, 'close')) as [number | null]
    expect([code, errors]).toEqual([0, 'readydone'])
  })
})
