import { describe, expect, it, test } from '@jest/globals'
import type { Fact } from './events.ts'
import { badRun, FakeTerminal, FakeTiming, goodRun, play } from './terminal.fake.ts'
import { Tree } from './tree.ts'

function shown(script: readonly (Fact | number)[], terminal = new FakeTerminal()): string {
  const timing = new FakeTiming()
  const tree = new Tree(terminal, timing)
  play(tree, timing, script)
  tree.close()
  return terminal.shown
}

it('shows a good run as one screen, ending with what can be copied', () => {
  expect(shown(goodRun)).toMatchInlineSnapshot(`
"slipway 1.0.0 · hello-node @ 4f1c2d9 (main) · local

✓ test     24 passed, 1 skipped · coverage 91.2 % (min 80)                    1.2 s
✓ build    sha256:3f2a91… · linux/amd64 · 3 layers, 1 new                     0.9 s
✓ push     harbor.example.com/shop/hello-node · 1.1 MB sent                   0.4 s

harbor.example.com/shop/hello-node@sha256:3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f
2a91bc
record  .slipway/record.json     report  .slipway/summary.md                  2.5 s
pull    docker pull harbor.example.com/shop/hello-node@sha256:3f2a91bc3f2a91bc3f2a91bc3f2a91bc3f2a91
bc3f2a91bc3f2a91bc3f2a91bc"
`)
})

it('shows a bad run with its five answers and the meaning of the exit code', () => {
  expect(shown(badRun)).toMatchInlineSnapshot(`
"slipway 1.0.0 · hello-node · local

= test     24 passed                                                      unchanged
! the registry is slow  attempt=2
✗ push     harbor.example.com/shop/hello-node                                 1.9 s

  SW-HARBOR-QUOTA   environment
  Project "shop" is full: this image adds 41.3 MB, 12.8 MB of 10 GB are left.
  fix   raise the quota, or delete artifacts that retention would: slipway harbor-project plan --fil
e harbor.yaml
  safe  nothing was tagged; the layout is kept at .slipway/layout, \`slipway resume\` goes on from
        here
  more  slipway explain SW-HARBOR-QUOTA

exit 4: something outside the code must change"
`)
})

it('keeps the line of the running task alive, with those to come below', () => {
  expect(shown([...goodRun.slice(0, 8), 300])).not.toContain('push')
  const terminal = new FakeTerminal()
  const timing = new FakeTiming()
  play(new Tree(terminal, timing), timing, goodRun.slice(0, 2))
  timing.pass(700)
  expect(terminal.shown).toMatchInlineSnapshot(`
"slipway 1.0.0 · hello-node @ 4f1c2d9 (main) · local

⠇ test                                                                        0.7 s
  build
  push"
`)
})

it('shows what goes on, and how far', () => {
  const terminal = new FakeTerminal()
  const timing = new FakeTiming()
  play(new Tree(terminal, timing), timing, goodRun.slice(0, 11))
  expect(terminal.shown.split('\n').at(-1)).toMatch(/^. push {5}uploading layer 2 of 3 · 12\.3 MB of 48\.2 MB +0\.4 s$/)
})

describe('a line is never wider than the terminal', () => {
  test.each([20, 40, 60, 83, 120])('%i columns', (width) => {
    const terminal = new FakeTerminal({ width })
    const timing = new FakeTiming()
    play(new Tree(terminal, timing), timing, goodRun.slice(0, 11))
    const lines = terminal.raw.split('\n').filter((line) => /^(?:\u001b\[J|\r|\u001b\[\d+A)*[✓⠙⠹⠸⠼]/u.test(line))
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(line.replace(/\r?\u001b\[\d*[A-Z]/g, '').length).toBeLessThanOrEqual(width)
  })
})

it('leaves no trace of its drawing when the terminal becomes narrower meanwhile', () => {
  const terminal = new FakeTerminal({ width: 83 })
  const timing = new FakeTiming()
  const tree = new Tree(terminal, timing)
  play(tree, timing, goodRun.slice(0, 11))
  terminal.resize(50)
  play(tree, timing, [500, ...goodRun.slice(11)])
  expect(terminal.shown.match(/uploading/g)).toBeNull()
  expect(terminal.shown.match(/[✓✗] push/g)).toHaveLength(1)
})

it('hides the output of a task that passes and shows the end of that of one that fails', () => {
  const output = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n')
  const start = badRun.slice(0, 4)
  const failing: Fact[] = [{ type: 'log', task: 'push', level: 'output', message: output }, ...(badRun.slice(6) as Fact[])]
  const text = shown([...start, ...failing])
  expect(text).toContain('line 49')
  expect(text).toContain('line 20')
  expect(text).not.toContain('line 19')
  expect(shown(goodRun)).not.toContain('ok 1')
})

it('shows remarks on the source in place of the output, at most ten', () => {
  const remarks = Array.from({ length: 12 }, (_, line): Fact => {
    return { type: 'annotation', task: 'push', level: 'error', message: `wrong ${line}\nmore`, file: 'src/a.js', line }
  })
  const text = shown([...badRun.slice(0, 4), ...remarks, ...badRun.slice(6)])
  expect(text).toContain('  src/a.js:9  wrong 9\n  and 2 more\n')
})

it('draws nothing that acts on a terminal from a text that is not ours', () => {
  const nasty = '\u001b[2J\u001b]0;owned\u0007 ::error::x \u202e'
  const terminal = new FakeTerminal()
  shown(
    [...badRun.slice(0, 4), { type: 'log', task: 'push', level: 'warn', message: nasty, fields: { nasty } }, ...badRun.slice(6)],
    terminal,
  )
  expect(terminal.raw).not.toContain('\u001b[2J')
  expect(terminal.raw).not.toContain('\u001b]')
  expect(terminal.raw).not.toContain('\u202e')
})

it('writes ASCII only where nothing else can be shown', () => {
  const terminal = new FakeTerminal({ unicode: false })
  const text = shown(goodRun, terminal)
  expect(terminal.raw).toMatch(/^[\x20-\x7e\n\r\u001b]*$/)
  expect(text).toContain('+ test     24 passed, 1 skipped - coverage 91.2 % (min 80)')
  expect(text).toContain('sha256:3f2a91... - linux/amd64')
})

it('paints for meaning only, and nothing without colour', () => {
  const painted = new FakeTerminal({ color: true })
  shown(badRun, painted)
  expect(painted.raw).toContain('\u001b[31m✗\u001b[39m push')
  expect(painted.raw).toContain('\u001b[33m!\u001b[39m the registry is slow')
  const bare = new FakeTerminal()
  shown(badRun, bare)
  expect(bare.raw).not.toMatch(/\u001b\[\d+m/)
})
