import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fakeSurroundings } from '../../test/models/surroundings.ts'
import { Redactor } from '../base/redact.ts'
import type { Block } from '../spec/ports.ts'
import { createLog } from './log.ts'
import { Printer } from './printer.ts'
import { writeSummaryFile } from './summary/file.ts'
import { cellMarkdown, inlineMarkdown, lineMarkdown } from './summary/markdown.ts'
import { plainLines } from './summary/plain.ts'
import { renderSummary } from './summary/render.ts'
import { type Report, reportOf } from './summary/report.ts'

function reportWith(...blocks: Block[]): Report {
  return { task: 'test', failed: false, headline: '24 passed', blocks }
}

function table(rows: number, text = 'a failure'): Block {
  return { kind: 'table', columns: ['test', 'message'], rows: Array.from({ length: rows }, (_, index) => [`test ${index}`, text]) }
}

describe('text in Markdown', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['`code` *b* _i_ ~s~', '\\`code\\` \\*b\\* \\_i\\_ \\~s\\~'],
    ['<img src=x onerror=1> &amp;', '&lt;img src=x onerror=1&gt; &amp;amp;'],
    ['[x](http\u003a//e)', '\\[x\\](http\\://e)'],
    ['$x$ :ship:', '\\$x\\$ \\:ship\\:'],
    ['@octocat (@acme/team)', '@\u200boctocat (@\u200bacme/team)'],
    ['app@sha256:ab', 'app@sha256\\:ab'],
    ['a\nb\r\u001b[31m\u202e', 'a␊b␍␛\\[31m\ufffd'],
  ])('%j shows as it is', (text, markdown) => {
    expect(inlineMarkdown(text)).toBe(markdown)
  })
  it('keeps the lines of a cell', () => {
    expect(cellMarkdown('a\nb|')).toBe('a<br>b\\|')
  })
  test.each([
    ['# a', '\\# a'],
    ['- a', '\\- a'],
    ['> a', '&gt; a'],
    ['12. a', '12\\. a'],
    ['    a', 'a'],
    ['===', '\\==='],
    ['1) a', '1\\) a'],
  ])('%j begins no block', (text, markdown) => {
    expect(lineMarkdown(text)).toBe(markdown)
  })
})

describe('a summary', () => {
  it('has the headline first, then its blocks', () => {
    const { text, cut } = renderSummary(
      reportWith(
        { kind: 'heading', text: 'push' },
        { kind: 'text', text: 'one\n  two' },
        { kind: 'table', title: 'Failures', columns: ['a', 'b'], rows: [['1', '2'], ['3']] },
        { kind: 'details', title: 'log', text: '<b>\n\nx' },
      ),
      { budget: 10_000, wholeText: 'x.md' },
    )
    expect(cut).toBe(false)
    expect(text).toBe(
      '### ✓ test\n\n24 passed\n\n### push\n\none  \n\u00a0\u00a0two  \n\n#### Failures\n\n| a | b |\n| ---: | ---: |\n| 1 | 2 |\n| 3 |  |\n\n' +
        '<details><summary>log</summary>\n\n<pre>\n&lt;b&gt;\n\nx\n</pre>\n\n</details>\n\n',
    )
  })

  test.each([
    [['1', '12\u202f345', '0.5'], '---:'],
    [['54.0 MB', '219 B', ''], '---:'],
    [['1 min 5 s', '0.1 s', '80.0 %'], '---:'],
    [['1 npm', '2'], '---'],
    [['1.4.0-rc', '2'], '---'],
    [['', ''], '---'],
  ])('of a column %j has it at %s', (cells, rule) => {
    const report = reportWith({ kind: 'table', columns: ['a'], rows: cells.map((text) => [text]) })
    expect(renderSummary(report, { budget: 10_000, wholeText: 'x.md' }).text).toContain(`| a |\n| ${rule} |\n`)
  })

  test.each([0, 11, 51, 20_000])('of %i failures keeps to its budget, and says how many it left out', (rows) => {
    const { text, cut } = renderSummary(reportWith(table(rows)), { budget: 100_000, wholeText: '.slipway/summary-test.md' })
    const shown = text.match(/^\| test \d+ /gm)?.length ?? 0
    const more = Number((/… ([\d\u202f]+) more rows/.exec(text)?.[1] ?? '0').replaceAll('\u202f', ''))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100_000)
    expect([shown + more, cut, text.includes('.slipway/summary-test.md')]).toEqual([rows, rows === 20_000, rows === 20_000])
    expect(100_000 - Buffer.byteLength(text) < 100).toBe(cut)
  })

  it('keeps what the run is, and the code, of a failure that is longer than the budget', () => {
    const report = { ...reportWith(), failure: `SW-X, input\n${'x'.repeat(20_000)}\nfix: shorter` }
    const { text, cut } = renderSummary(report, { budget: 10_000, wholeText: 'x.md' })
    expect([text.includes('24 passed\n\nSW-X, input  \n\n… 2 more lines'), text.includes('`x.md`'), cut]).toEqual([true, true, true])
  })

  it('shows a failure as text: nothing in it is a link, a heading or an element', () => {
    const failure = 'SW-X, input\n<img src=x> [a](https://evil.example) @octo\n# no heading\n    no code'
    expect(renderSummary({ ...reportWith(), failure }, { budget: 10_000, wholeText: 'x.md' }).text).toContain(
      'SW-X, input  \n&lt;img src=x&gt; \\[a\\](https\\://evil.example) @\u200bocto  \n\\# no heading  \n\u00a0\u00a0\u00a0\u00a0no code  \n\n',
    )
  })

  it('keeps to every budget, whatever is in it', () => {
    const report = reportWith(
      table(5, 'ü@|<'.repeat(20)),
      { kind: 'text', text: 'é\n'.repeat(50) },
      { kind: 'details', title: 't', text: '<\n'.repeat(50) },
    )
    for (let budget = 0; budget < 3000; budget += 7) {
      const { text } = renderSummary(report, { budget, wholeText: 'x.md' })
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(budget)
      expect(text.split('<details>').length).toBe(text.split('</details>').length)
    }
  })

  it('hides secrets that an escape would have hidden from the redactor', () => {
    const redactor = new Redactor()
    redactor.add('pass_word|1')
    const ending = {
      outputs: new Map(),
      headline: 'is pass_word|1',
      summary: [table(1, 'pass_word|1'), { kind: 'text', text: 'pass_word|1' } as const],
      failed: true,
    }
    const report = reportOf({ name: 'x', summary: '', reads: [], writes: [], inputs: {}, outputs: {}, errors: [] }, ending, redactor)
    const { text } = renderSummary(report, { budget: 10_000, wholeText: '' })
    expect(text.match(/(\\\*){3}/g)).toHaveLength(3)
    expect(text).not.toContain('word')
  })
})

describe('a report in a log', () => {
  it('aligns columns, cuts wide cells and long tables', () => {
    const lines = plainLines([
      {
        kind: 'table',
        title: 'T',
        columns: ['a', 'b'],
        rows: [
          ['long', 'x'],
          ['1', 'y'.repeat(200)],
        ],
      },
      table(300),
    ])
    expect(lines.slice(0, 5)).toEqual(['T', 'a     b', 'long  x', `1     ${'y'.repeat(99)}…`, ''])
    expect(lines.at(-1)).toBe('… 100 more')
  })
})

describe('the summary file', () => {
  function written(prepare: (workspace: string) => void): { workspace: string; path: string; log: string } {
    const around = fakeSurroundings()
    const redactor = new Redactor()
    prepare(around.folder)
    const log = createLog({ printer: new Printer(redactor, around), redactor, debug: false })
    writeSummaryFile(reportWith(), { workspace: around.folder, log })
    return { workspace: around.folder, path: join(around.folder, '.slipway', 'summary-test.md'), log: around.stdout() }
  }

  it('replaces the one of an earlier run', () => {
    const { path } = written((workspace) => {
      mkdirSync(join(workspace, '.slipway'))
      writeFileSync(join(workspace, '.slipway', 'summary-test.md'), 'x'.repeat(1000))
    })
    expect(readFileSync(path, 'utf8')).toBe('### ✓ test\n\n24 passed\n\n')
  })
  it('is not written through a link of the checkout', () => {
    const { path, workspace } = written((folder) => {
      writeFileSync(join(folder, 'victim'), 'untouched')
      mkdirSync(join(folder, '.slipway'))
      symlinkSync(join(folder, 'victim'), join(folder, '.slipway', 'summary-test.md'))
    })
    expect([readFileSync(join(workspace, 'victim'), 'utf8'), lstatSync(path).isSymbolicLink()]).toEqual(['untouched', false])
  })
  it('that cannot be written is a warning', () => {
    expect(written((workspace) => writeFileSync(join(workspace, '.slipway'), '')).log).toMatch(
      /^warning: the summary cannot be kept in the workspace {2}path=/,
    )
  })
})
