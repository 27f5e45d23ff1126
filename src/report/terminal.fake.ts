import type { Fact } from './events.ts'
import { stamp } from './events.ts'
import type { Reporter, Screen, Timing } from './reporter.ts'
import { widthOf } from './width.ts'

/** A terminal for tests: obeys what the tree uses (line feed, carriage return, cursor up, clear below) and wraps at its width. */
export class FakeTerminal implements Screen {
  readonly color: boolean
  readonly unicode: boolean
  /** All that was written. */
  raw = ''
  width: number
  #lines: string[] = ['']
  #row = 0

  constructor({ width = 100, color = false, unicode = true }: { width?: number; color?: boolean; unicode?: boolean } = {}) {
    this.width = width
    this.color = color
    this.unicode = unicode
  }

  columns(): number {
    return this.width
  }

  rows(): number {
    return 24
  }

  write(text: string): void {
    this.raw += text
    for (const [token, rows] of text.matchAll(/\u001b\[(\d*)[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) this.#obey(token, Number(rows))
  }

  /** What a person would see. */
  get shown(): string {
    return this.#lines.join('\n').trimEnd()
  }

  /** Makes it narrower or wider; lines that no longer fit wrap, as terminals do. */
  resize(width: number): void {
    this.width = width
    const [before, after] = [this.#lines.slice(0, this.#row), this.#lines.slice(this.#row)]
    const wrapped = before.flatMap((line) => this.#wrapped(line))
    this.#lines = [...wrapped, ...after]
    this.#row = wrapped.length
  }

  #obey(token: string, rows: number): void {
    if (token === '\n') this.#down()
    else if (token === '\u001b[J') this.#lines = [...this.#lines.slice(0, this.#row), '']
    else if (/^\u001b.*A$/.test(token)) this.#row = Math.max(0, this.#row - rows)
    else if (/^\u001b.*[^m]$/.test(token)) throw new Error(`the fake terminal does not know ${JSON.stringify(token)}`)
    else if (!/^[\r\u001b]/.test(token)) this.#print(token)
  }

  #print(text: string): void {
    const [first = '', ...more] = this.#wrapped((this.#lines[this.#row] ?? '') + text)
    this.#lines[this.#row] = first
    for (const line of more) {
      this.#down()
      this.#lines[this.#row] = line
    }
  }

  #down(): void {
    this.#row += 1
    this.#lines[this.#row] ??= ''
  }

  #wrapped(line: string): string[] {
    const rows: string[] = ['']
    for (const character of line) {
      if (widthOf((rows.at(-1) ?? '') + character) > this.width) rows.push('')
      rows[rows.length - 1] += character
    }
    return rows
  }
}

/** Time that passes only when told to. */
export class FakeTiming implements Timing {
  #now = Date.parse('2026-01-31T12:00:00Z')
  #due: { at: number; readonly every: number; readonly act: () => void }[] = []

  now(): number {
    return this.#now
  }

  every(milliseconds: number, act: () => void): () => void {
    const timer = { at: this.#now + milliseconds, every: milliseconds, act }
    this.#due.push(timer)
    return () => {
      this.#due = this.#due.filter((other) => other !== timer)
    }
  }

  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = next.at
      next.at += next.every
      next.act()
    }
    this.#now = end
  }

  #next(end: number) {
    return this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** Reports facts, or lets so many milliseconds pass. */
export function play(reporter: Reporter, timing: FakeTiming, script: readonly (Fact | number)[]): void {
  for (const step of script) {
    if (typeof step === 'number') timing.pass(step)
    else reporter.report(stamp(step, timing.now()))
  }
}

const digest = `sha256:${'3f2a91bc'.repeat(8)}`

/** A run of three tasks that goes well. */
export const goodRun: readonly (Fact | number)[] = [
  {
    type: 'run-start',
    version: '1.0.0',
    host: 'local',
    project: 'hello-node',
    commit: '4f1c2d9'.padEnd(40, '0'),
    ref: 'refs/heads/main',
    tasks: ['test', 'build', 'push'],
  },
  { type: 'task-start', task: 'test', index: 0 },
  { type: 'log', task: 'test', level: 'output', message: 'ok 1 - adds\nok 2 - subtracts\n' },
  1200,
  {
    type: 'task-end',
    task: 'test',
    index: 0,
    status: 'passed',
    duration: 1200,
    headline: '24 passed, 1 skipped · coverage 91.2 % (min 80)',
  },
  { type: 'task-start', task: 'build', index: 1 },
  900,
  {
    type: 'task-end',
    task: 'build',
    index: 1,
    status: 'passed',
    duration: 900,
    headline: 'sha256:3f2a91… · linux/amd64 · 3 layers, 1 new',
  },
  { type: 'task-start', task: 'push', index: 2 },
  {
    type: 'progress',
    task: 'push',
    doing: 'uploading layer 2 of 3',
    part: { done: 12_300_000, total: 48_200_000, unit: 'bytes' },
  },
  400,
  {
    type: 'task-end',
    task: 'push',
    index: 2,
    status: 'passed',
    duration: 400,
    headline: 'harbor.example.com/shop/hello-node · 1.1 MB sent',
  },
  {
    type: 'run-end',
    status: 'passed',
    exit: 0,
    duration: 2500,
    reference: `harbor.example.com/shop/hello-node@${digest}`,
    record: '.slipway/record.json',
    summary: '.slipway/summary.md',
    next: [{ label: 'pull', command: `docker pull harbor.example.com/shop/hello-node@${digest}` }],
  },
]

/** A run whose second task fails. */
export const badRun: readonly (Fact | number)[] = [
  { type: 'run-start', version: '1.0.0', host: 'local', project: 'hello-node', tasks: ['test', 'push', 'sign'] },
  { type: 'task-start', task: 'test', index: 0 },
  { type: 'task-end', task: 'test', index: 0, status: 'unchanged', duration: 0, headline: '24 passed' },
  { type: 'task-start', task: 'push', index: 1 },
  { type: 'log', task: 'push', level: 'warn', message: 'the registry is slow', fields: { attempt: 2 } },
  1900,
  {
    type: 'task-end',
    task: 'push',
    index: 1,
    status: 'failed',
    duration: 1900,
    headline: 'harbor.example.com/shop/hello-node',
    failure: {
      code: 'SW-HARBOR-QUOTA',
      fault: 'environment',
      message: 'Project "shop" is full: this image adds 41.3 MB, 12.8 MB of 10 GB are left.',
      fix: 'raise the quota, or delete artifacts that retention would: slipway harbor-project plan --file harbor.yaml',
      safe: 'nothing was tagged; the layout is kept at .slipway/layout, `slipway resume` goes on from here',
      more: 'slipway explain SW-HARBOR-QUOTA',
      retryable: false,
    },
  },
  { type: 'run-end', status: 'failed', exit: 4, duration: 1900, next: [] },
]
