import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Fact, stamp } from './events.ts'
import { eventsSchema } from './events-schema.ts'
import { Json } from './json.ts'
import { Plain } from './plain.ts'
import { Quiet } from './quiet.ts'
import { badRun, FakeTerminal, FakeTiming, goodRun, play } from './terminal.fake.ts'

function plain(script: readonly (Fact | number)[]): string {
  const terminal = new FakeTerminal({ width: 1000 })
  const timing = new FakeTiming()
  const reporter = new Plain(terminal, timing, { announce: true, logs: true })
  play(reporter, timing, script)
  reporter.close()
  return terminal.raw
}

describe('plain', () => {
  it('tells a good run line by line', () => {
    expect(plain(goodRun)).toMatchInlineSnapshot(`
"slipway 1.0.0 · hello-node @ 4f1c2d9 (main) · local

· test
ok 1 - adds
ok 2 - subtracts
✓ test     24 passed, 1 skipped · coverage 91.2 % (min 80)                    1.2 s
· build
✓ build    sha256:3f2a91… · linux/amd64 · 3 layers, 1 new                     0.9 s
· push
✓ push     harbor.example.com/shop/hello-node · 1.1 MB sent                   0.4 s

harbor.example.com/shop/hello-node@sha256:3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc
record  .slipway/record.json     report  .slipway/summary.md                  2.5 s
pull    docker pull harbor.example.com/shop/hello-node@sha256:3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc
"
`)
  })

  const told: Fact = {
    ...{ type: 'task-end', task: 'build', index: 0, status: 'passed', duration: 900, headline: 'asked' },
    answer: {
      blocks: [{ kind: 'table', title: 'Layers', columns: ['layer', 'size'], rows: [['app\u001b', '1 kB']] }],
      data: { size: 1000 },
    },
  }

  it('shows what a task was asked to tell below its line', () => {
    expect(plain([told])).toMatch(/asked {2,}0\.9 s\n\nLayers\nlayer +size\napp. +1 kB\n$/)
  })

  it('tells a bad run with the same block as the tree', () => {
    expect(plain(badRun)).toContain('  SW-HARBOR-QUOTA   environment\n  Project "shop" is full')
    expect(plain(badRun)).toMatch(/\nexit 4: something outside the code must change\n$/)
  })

  it('has no control characters, not even those of a task', () => {
    const nasty: Fact = { type: 'log', task: 'push', level: 'output', message: 'a\u001b[31mb\rc\u0007\n::set-output::x' }
    expect(plain([...badRun.slice(0, 4), nasty, ...badRun.slice(6)])).toMatch(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$/)
  })

  it('is never silent for longer than 10 s: five signs of life in a stall of 60 s', () => {
    const text = plain([...goodRun.slice(0, 10), 60_000])
    const beats = text.split('\n').filter((line) => line.startsWith('still '))
    expect(beats.length).toBeGreaterThanOrEqual(5)
    expect(beats[1]).toBe('still uploading layer 2 of 3, 12.3 MB of 48.2 MB, 20 s')
  })

  it('names the task where that is all that is known, and counts in minutes after one', () => {
    const beats = plain([...goodRun.slice(0, 2), 71_000]).match(/^still .*$/gm)
    expect(beats?.[0]).toBe('still running test, 10 s')
    expect(beats?.at(-1)).toBe('still running test, 1 min 10 s')
  })

  it('gives no sign of life while there is other news, nor after the end', () => {
    const news: Fact = { type: 'log', task: 'test', level: 'info', message: 'news' }
    const busy = plain([...goodRun.slice(0, 2), ...Array.from({ length: 20 }, () => [5000, news]).flat()])
    expect(busy).not.toContain('still')
    expect(plain([...goodRun, 60_000])).not.toContain('still')
  })
})

describe('json', () => {
  function lines(script: readonly (Fact | number)[]): Record<string, unknown>[] {
    const terminal = new FakeTerminal()
    const timing = new FakeTiming()
    play(new Json(terminal, timing), timing, script)
    return terminal.raw
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  it('writes every event as a line that its published schema accepts', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(eventsSchema())
    for (const event of [...lines(goodRun), ...lines(badRun)]) expect([validate(event), event]).toEqual([true, event])
    expect(validate({ ...stamp({ type: 'task-start', task: 'x', index: 0 }, 0), schemaVersion: '2.0' })).toBe(false)
  })

  it('is no command to GitHub, whose runner looks for `##[` anywhere in a line, and still says what was said', () => {
    const said = '##[add-mask]x ###[error]y'
    const terminal = new FakeTerminal()
    play(new Json(terminal, new FakeTiming()), new FakeTiming(), [{ type: 'log', level: 'output', message: said }])
    expect(terminal.raw).not.toContain('##[')
    expect(JSON.parse(terminal.raw)).toMatchObject({ message: said })
  })

  it('thins out progress, but not what is new', () => {
    const progress = (doing: string, done: number): Fact => ({
      type: 'progress',
      task: 'test',
      doing,
      part: { done, total: 9, unit: 'items' },
    })
    const many = [progress('a', 1), 10, progress('a', 2), 10, progress('b', 1), 600, progress('b', 2)]
    expect(lines([...goodRun.slice(0, 2), ...many]).filter(({ type }) => type === 'progress')).toMatchObject([
      { doing: 'a', part: { done: 1 } },
      { doing: 'b', part: { done: 1 } },
      { doing: 'b', part: { done: 2 } },
    ])
  })

  it('repeats the last progress while nothing happens', () => {
    const stalled = lines([...goodRun.slice(0, 10), 60_000]).filter(({ type }) => type === 'progress')
    expect(stalled.length).toBeGreaterThanOrEqual(6)
    expect(new Set(stalled.map(({ time }) => time)).size).toBe(stalled.length)
  })
})

describe('quiet', () => {
  it('writes the last reference and nothing else', () => {
    const [out, err] = [new FakeTerminal({ width: 200 }), new FakeTerminal()]
    play(new Quiet(out, err), new FakeTiming(), goodRun)
    expect(out.raw).toBe(`harbor.example.com/shop/hello-node@sha256:${'3f2a91bc'.repeat(8)}\n`)
    expect(err.raw).toBe('')
  })

  it('tells a failure on the other stream', () => {
    const [out, err] = [new FakeTerminal(), new FakeTerminal()]
    play(new Quiet(out, err), new FakeTiming(), badRun)
    expect(out.raw).toBe('')
    expect(err.raw).toMatch(/^ {2}SW-HARBOR-QUOTA {3}environment\n/)
    expect(err.raw).toMatch(/\n\nexit 4: something outside the code must change\n$/)
  })
})
